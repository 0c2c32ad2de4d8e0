// GET /v1/flows: what the caller may see (contract scaiflow-api.md 2.3 F1). SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaiflow/flows/handlers.hpp"
#include "lib/scaiflow/flows/list_request.hpp"

namespace scaiflow::flows_api {

scai::Result<scai::web::Response> list_flows(Context& context, const scai::web::Request& request) {
    const auto caller = flows::caller_of(request);
    SCAI_TRY(auto listing, flows::listing_of(request));
    SCAI_TRY(const auto owner, choice_of(request, "owner", {"me"}));
    if (owner == "me")
        listing.whose = flows::Whose::own;
    auto reader = context.pool.read(flows::scope_of(caller));
    return flows::list_response(flows::list(reader, caller, listing), listing);
}

} // namespace scaiflow::flows_api
