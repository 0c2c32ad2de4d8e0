// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/list_request.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaiflow/app/cursor.hpp"

namespace scaiflow::flows {

using scai::Result;
using scai::json::Members;
using scai::web::Request;
using scai::web::Response;

namespace {

/// A cursor of one list is none of another.
std::string_view list_name(const Listing& listing) {
    return listing.deleted ? "flows.deleted" : "flows";
}

} // namespace

Result<Listing> listing_of(const Request& request) {
    Listing out;
    if (request.query_text("offset"))
        return bad_query("offset", "is not supported: pass next_cursor of the page before as cursor");
    SCAI_TRY(out.limit, limit_of(request));
    SCAI_TRY(out.search, search_of(request));
    SCAI_TRY(const auto deleted, choice_of(request, "deleted", {"exclude", "only"}));
    out.deleted = deleted.ends_with("only");
    if (const auto cursor = request.query_text("cursor")) {
        SCAI_TRY(auto key, read_cursor(list_name(out), *cursor, 2));
        const auto micros = scai::parse_int(key[0]);
        if (!micros || *micros < 0)
            return bad_query("cursor", "must be the next_cursor of an earlier page of this list");
        out.after = ListKey{*micros, std::move(key[1])};
    }
    return out;
}

Members members_of(const Head& head, std::size_t more) {
    constexpr std::size_t usual = 1024;
    Members out(usual + more);
    out.text("id", head.id)
        .text("name", head.name)
        .text("description", head.description)
        .text("owner_id", head.owner_id)
        .text("tenant_id", head.tenant_id)
        .text("version", head.version)
        .text("created_at", scai::to_iso8601(head.created_at))
        .text("updated_at", scai::to_iso8601(head.updated_at));
    if (head.deleted_at)
        out.text("deleted_at", scai::to_iso8601(*head.deleted_at));
    return out;
}

Response list_response(const FlowPage& page, const Listing& listing) {
    std::string items = "[";
    for (const auto& head : page.flows) {
        if (items.size() > 1)
            items += ',';
        items += members_of(head).take();
    }
    items += ']';
    std::optional<std::string> next;
    if (page.next)
        next = make_cursor(list_name(listing), {std::to_string(page.next->micros), page.next->id});
    Members out(items.size() + 256);
    out.raw("items", items)
        .raw("total", std::to_string(page.total))
        .raw("total_capped", page.total_capped ? "true" : "false")
        .text("next_cursor", next);
    return Response::text(out.take(), "application/json");
}

} // namespace scaiflow::flows
