// GET /v1/admin/sync/runs: newest first; the result of each without its tenants, which one run alone shows.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"
#include "handlers/scaiflow/admin/views.hpp"
#include "lib/scaiflow/admin/store.hpp"
#include "lib/scaiflow/app/cursor.hpp"

namespace scaiflow::admin_api {

using scai::json::Value;

namespace {

constexpr std::string_view runs_list = "sync_runs";

} // namespace

scai::Result<scai::web::Response> list_sync_runs(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto limit, limit_of(request));
    std::int64_t before = 0;
    if (const auto cursor = request.query_text("cursor")) {
        SCAI_TRY(before, read_number_cursor(runs_list, *cursor));
    }
    auto reader = context.pool.read(scai::db::Scope::all_tenants());
    const auto page = admin::store::runs(reader, before, limit);
    auto runs = Value::array();
    for (const auto& run : page.runs)
        runs.push(to_json(run));
    return scai::web::Response::json(
        Value::object({{"runs", runs},
                       {"next_cursor", page.next ? Value(make_cursor(runs_list, {std::to_string(*page.next)}))
                                                 : Value(nullptr)}}));
}

} // namespace scaiflow::admin_api
