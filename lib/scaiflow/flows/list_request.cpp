// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/list_request.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaiflow/app/cursor.hpp"

namespace scaiflow::flows {

using scai::Result;
using scai::json::Value;
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

Value to_json(const Head& head) {
    auto out = Value::object({{"id", head.id},
                              {"name", head.name},
                              {"description", head.description},
                              {"owner_id", head.owner_id},
                              {"tenant_id", head.tenant_id},
                              {"version", head.version},
                              {"created_at", scai::to_iso8601(head.created_at)},
                              {"updated_at", scai::to_iso8601(head.updated_at)}});
    if (head.deleted_at)
        out.set("deleted_at", scai::to_iso8601(*head.deleted_at));
    return out;
}

Response list_response(const FlowPage& page, const Listing& listing) {
    auto items = Value::array();
    for (const auto& head : page.flows)
        items.push(to_json(head));
    const auto next =
        page.next ? Value(make_cursor(list_name(listing), {std::to_string(page.next->micros), page.next->id}))
                  : Value(nullptr);
    return Response::json(Value::object({{"items", items},
                                         {"total", page.total},
                                         {"total_capped", page.total_capped},
                                         {"next_cursor", next}}));
}

} // namespace scaiflow::flows
