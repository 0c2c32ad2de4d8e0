// GET /v1/flows/{id}/versions/{version}: a flow as this version says it. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/flows/access_views.hpp"
#include "handlers/scaiflow/flows/handlers.hpp"
#include "handlers/scaiflow/flows/views.hpp"
#include "lib/scaiflow/flows/versions.hpp"

namespace scaiflow::flows_api {

scai::Result<scai::web::Response> get_version(Context& context, const scai::web::Request& request) {
    SCAI_TRY(auto found, flows::read_version(context.pool, flows::caller_of(request), request.param("id"),
                                             request.param("version")));
    // FlowDetail: the version's own where it has one, the flow's where it has not (name, owner).
    auto head = std::move(found.head);
    head.version = found.version.version;
    head.updated_at = found.version.created_at;
    auto body = flows::members_of(head, found.content.size())
                    .raw("number", std::to_string(found.version.number))
                    .text("created_by", found.version.created_by)
                    .text("restored_from", found.version.restored_from)
                    .raw("content", found.content)
                    .take();
    return immutable_response(request, std::move(body));
}

} // namespace scaiflow::flows_api
