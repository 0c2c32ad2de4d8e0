// GET /v1/modules/scaicore/events: oldest first. next_cursor is null at the end, so that whoever reads all
// pages stops; with follow=true it is always there, and asking again with it gives what happened since.
// from=end (without cursor) starts behind the newest event. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_runs.hpp"
#include "lib/base/strings.hpp"
#include "lib/json/rows.hpp"
#include "lib/scaigrid/events/events.hpp"

namespace scaigrid {

namespace {

constexpr std::string_view list = "scaicore-events";

} // namespace

Result<Response> list_events(Context& context, const Request& request) {
    const auto& tenant = request.principal.tenant_id;
    SCAI_TRY(const auto paging, read_paging(request, list, 1, events::default_page, events::largest_page));
    SCAI_TRY(const auto follow, query_choice(request, "follow", {"true", "false"}));
    SCAI_TRY(const auto from, query_choice(request, "from", {"start", "end"}));
    events::Query query{.core_id = request.query_text("core_id").value_or(""), .limit = paging.limit};
    if (!paging.key.empty()) {
        const auto position = scai::parse_int(paging.key[0]);
        if (!position || *position < 0)
            return bad_field("query.cursor", "must be the cursor of an earlier page of this list");
        query.after = *position;
    } else if (from == "end") {
        query.after = events::newest(context.pool, tenant);
    }
    const auto page = events::read(context.pool, tenant, query);
    scai::json::Members data(page.rows.size() + 128);
    data.raw("events", page.rows);
    const bool more = page.more || follow == "true";
    data.text("next_cursor", more ? std::optional<std::string>(make_cursor(list, {std::to_string(page.last)}))
                                  : std::nullopt);
    scai::json::Members meta(64);
    meta.text("request_id", request.request_id);
    scai::json::Members out(page.rows.size() + 256);
    out.text("status", "ok").raw("data", data.take()).raw("meta", meta.take());
    return Response::text(out.take(), "application/json");
}

} // namespace scaigrid
