// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/policies/handlers.hpp"
#include "handlers/scaivault/policies/views.hpp"

namespace scaivault::policies_api {

scai::Result<scai::web::Response> delete_policy(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto force, query_flag(request, "force"));
    SCAI_TRY([[maybe_unused]] const auto done,
             policies::remove(context.pool, change_of(context, request), request.param("id"), force));
    recorded(request);
    return scai::web::Response::no_content();
}

} // namespace scaivault::policies_api
