// GET /v1/secrets/{path}/versions, newest first. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/secrets/requests.hpp"
#include "handlers/scaivault/secrets/views.hpp"
#include "lib/base/strings.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/paging.hpp"

#include <limits>

namespace scaivault::secrets_api {

scai::Result<Response> list_versions(Context& context, const Request& request) {
    SCAI_TRY(const auto target, target_of(context, request, policies::Permission::list));
    SCAI_TRY(const auto limit, limit_of(request));
    SCAI_TRY(const auto key, cursor_of(request, "versions", 1));
    auto before = std::numeric_limits<std::int64_t>::max();
    if (!key.empty()) {
        const auto number = scai::parse_int(key.front());
        if (!number)
            return invalid("invalid_cursor",
                           "query.cursor must be the cursor of an earlier page of this list");
        before = *number;
    }
    SCAI_TRY(auto page, secrets::versions(context.pool, target.owner.id, target.path, before, limit + 1,
                                          context.clock->now()));
    const bool more = static_cast<std::int64_t>(page.versions.size()) > limit;
    if (more)
        page.versions.pop_back();
    std::string rows = "[";
    for (const auto& version : page.versions) {
        const bool current = version.number == page.current;
        rows += rows.size() == 1 ? "{" : ",{";
        Members(rows)
            .number("version", version.number)
            .time("created_at", version.created_at)
            .text("created_by", std::string_view(version.created_by))
            .flag("is_current", current)
            .time("expires_at",
                  current && !version.readable_until ? page.expires_at : version.readable_until);
        rows += "}";
    }
    rows += "]";
    std::string body = "{";
    Members members(body);
    members.text("path", std::string_view(target.path)).raw("versions", rows);
    if (more)
        members.text("cursor", std::string_view(
                                   make_cursor("versions", {std::to_string(page.versions.back().number)})));
    else
        members.raw("cursor", "null");
    members.flag("has_more", more);
    body += "}";
    return json_text(std::move(body));
}

} // namespace scaivault::secrets_api
