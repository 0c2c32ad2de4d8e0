// GET /v1/scaicore/checkpoints (contract scaiflow-api.md 2.10 S2, 10-11). ScaiGrid's own states are pending,
// resolved, expired and cancelled, the documentation names `failed` too: any word goes through.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/scaicore/handlers.hpp"
#include "lib/scaiflow/app/query.hpp"
#include "lib/scaiflow/grid/proxy.hpp"

namespace scaiflow::scaicore_api {

namespace {

constexpr std::size_t longest_status = 64;

bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= longest_status &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
               std::string_view::npos;
}

} // namespace

scai::Result<scai::web::Response> list_checkpoints(Context& context, const scai::web::Request& request) {
    SCAI_TRY(auto query, grid::events_query(request));
    const auto status = request.query_text("status").value_or("pending");
    if (!is_word(status))
        return bad_query("status", "must be a word such as pending, resolved, expired or cancelled");
    query.status = status;
    return grid::forward_list(context, request, grid::checkpoints_path, query.text(), "checkpoints");
}

} // namespace scaiflow::scaicore_api
