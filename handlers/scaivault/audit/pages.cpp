// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/audit/pages.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/paging.hpp"
#include "lib/scaivault/identity/resolve.hpp"

#include <algorithm>

namespace scaivault::audit_api {

using scai::json::Value;

namespace {

constexpr std::string_view trail_name = "audit";
constexpr auto month = std::chrono::hours(24 * 30);

scai::Result<std::optional<audit::Position>> trail_position(const scai::web::Request& request) {
    SCAI_TRY(const auto key, cursor_of(request, trail_name, 2));
    if (key.empty())
        return std::optional<audit::Position>();
    const auto at = scai::parse_int(key[0]), seq = scai::parse_int(key[1]);
    constexpr std::int64_t latest = 253'402'300'799'999'999; // year 9999
    if (!at || !seq || *at < 0 || *at > latest)
        return invalid("invalid_cursor", "query.cursor must be the cursor of an earlier page of this list");
    return std::optional(audit::Position{*at, *seq});
}

} // namespace

scai::Result<Value> page_of(Context& context, const scai::web::Request& request,
                            const audit::Filter& filter) {
    SCAI_TRY(const auto limit, limit_of(request));
    SCAI_TRY(const auto before, trail_position(request));
    auto records = audit::find_records(context.pool, caller_of(request).tenant_id, filter, before, limit + 1);
    const bool more = static_cast<std::int64_t>(records.size()) > limit;
    if (more)
        records.pop_back();
    auto logs = Value::array();
    for (const auto& record : records)
        logs.push(to_json(record));
    Value cursor(nullptr);
    if (more)
        cursor = make_cursor(trail_name, {std::to_string(records.back().at.time_since_epoch().count()),
                                          std::to_string(records.back().seq)});
    return Value::object({{"logs", logs}, {"cursor", cursor}, {"has_more", more}});
}

scai::Result<Value> month_of(Context& context, const scai::web::Request& request, audit::Filter filter) {
    filter.from = context.clock->now() - month;
    filter.to = context.clock->now();
    SCAI_TRY(const auto summary, audit::summarize(context.pool, caller_of(request).tenant_id, filter));
    auto out = to_json(summary);
    out.set("from", audit::to_wire_time(*filter.from));
    out.set("to", audit::to_wire_time(*filter.to));
    return out;
}

std::vector<std::string> spellings(Context& context, const scai::web::Request& request,
                                   const std::string& written) {
    std::vector<std::string> out{written};
    const auto add = [&out](const std::string& spelling) {
        if (std::find(out.begin(), out.end(), spelling) == out.end())
            out.push_back(spelling);
    };
    const auto name = identity::parse_name(written, std::nullopt, "identity_id");
    if (!name)
        return out;
    const auto found = identity::resolve(context.pool, identity::Where::tenant(caller_of(request).tenant_id),
                                         *name, "identity_id");
    if (found) {
        add(found->shown);
        add(found->canonical);
    }
    return out;
}

} // namespace scaivault::audit_api
