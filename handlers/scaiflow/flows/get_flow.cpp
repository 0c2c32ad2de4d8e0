// GET /v1/flows/{id} (contract scaiflow-api.md 2.3 F3). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/flows/handlers.hpp"
#include "handlers/scaiflow/flows/views.hpp"
#include "lib/scaiflow/app/admit.hpp"
#include "lib/scaiflow/flows/rules.hpp"
#include "lib/scaiflow/flows/store.hpp"

namespace scaiflow::flows_api {

scai::Result<scai::web::Response> get_flow(Context& context, const scai::web::Request& request) {
    return admit(context, request, get_flow_access,
                 [&](std::optional<UserVersion>& seen) -> scai::Result<scai::web::Response> {
                     const auto caller = flows::caller_of(request);
                     SCAI_TRY(const auto found,
                              flows::store::detail(context.pool, caller, request.param("id"),
                                                   context.flow_memory, seen));
                     if (!flows::if_none_match_hits(request.header("if-none-match"), found.head->revision))
                         return detail_response(*found.head, *found.content);
                     scai::web::Response unchanged;
                     unchanged.status = 304;
                     unchanged.header("ETag", flows::etag_of(found.head->revision));
                     return unchanged;
                 });
}

} // namespace scaiflow::flows_api
