// GET /v1/admin/sync/runs/{id}: one run with a page of its changes. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"
#include "handlers/scaiflow/admin/views.hpp"
#include "lib/scaiflow/admin/store.hpp"
#include "lib/scaiflow/app/cursor.hpp"

namespace scaiflow::admin_api {

using scai::json::Value;

scai::Result<scai::web::Response> get_sync_run(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto limit, limit_of(request));
    admin::ChangeFilter filter;
    filter.tenant_id = request.query_text("tenant_id");
    SCAI_TRY(const auto type,
             choice_of(request, "object_type", {"user", "group", "membership", "role", "tenant"}));
    if (!type.empty())
        filter.object_type = type;
    SCAI_TRY(const auto change,
             choice_of(request, "change",
                       {"added", "updated", "undeleted", "soft_deleted", "promoted", "demoted"}));
    if (!change.empty())
        filter.change = change;
    const std::string& id = request.param("id");
    std::int64_t after = 0;
    if (const auto cursor = request.query_text("cursor")) {
        SCAI_TRY(after, read_number_cursor("changes/" + id, *cursor));
    }

    auto reader = context.pool.read(scai::db::Scope::all_tenants());
    const auto run = admin::store::run(reader, id);
    if (!run)
        return scai::Error{.kind = scai::ErrorKind::not_found,
                           .code = "not_found",
                           .message = "no such sync run",
                           .fix = "GET /v1/admin/sync/runs lists them"};
    const auto page = admin::store::changes(reader, run->number, filter, after, limit);
    auto changes = Value::array();
    for (const auto& item : page.changes)
        changes.push(to_json(item));
    auto body = to_json(*run);
    body.set("changes", changes);
    body.set("next_cursor",
             page.next ? Value(make_cursor("changes/" + id, {std::to_string(*page.next)})) : Value(nullptr));
    return scai::web::Response::json(body);
}

} // namespace scaiflow::admin_api
