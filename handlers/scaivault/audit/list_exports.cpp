// GET /v1/audit/exports: newest first. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/audit/handlers.hpp"
#include "lib/base/strings.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/paging.hpp"
#include "lib/scaivault/audit/exports.hpp"

namespace scaivault::audit_api {

using scai::json::Value;

namespace {

constexpr std::string_view exports_name = "audit_exports";

scai::Result<std::optional<std::pair<std::int64_t, std::string>>>
export_position(const scai::web::Request& request) {
    using Position = std::optional<std::pair<std::int64_t, std::string>>;
    SCAI_TRY(const auto key, cursor_of(request, exports_name, 2));
    if (key.empty())
        return Position();
    const auto at = scai::parse_int(key[0]);
    constexpr std::int64_t latest = 253'402'300'799'999'999; // year 9999
    if (!at || *at < 0 || *at > latest)
        return invalid("invalid_cursor", "query.cursor must be the cursor of an earlier page of this list");
    return Position(std::pair(*at, key[1]));
}

} // namespace

Answer list_exports(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto limit, limit_of(request));
    SCAI_TRY(const auto before, export_position(request));
    auto rows = audit::list_exports(context.pool, caller_of(request).tenant_id, before, limit + 1);
    const bool more = static_cast<std::int64_t>(rows.size()) > limit;
    if (more)
        rows.pop_back();
    auto exports = Value::array();
    for (const auto& row : rows)
        exports.push(to_json(row));
    Value cursor(nullptr);
    if (more)
        cursor = make_cursor(exports_name, {std::to_string(rows.back().created_at.time_since_epoch().count()),
                                            rows.back().id});
    return scai::web::Response::json(
        Value::object({{"exports", exports}, {"cursor", cursor}, {"has_more", more}}));
}

} // namespace scaivault::audit_api
