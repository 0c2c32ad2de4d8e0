// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/policies/change_policy.hpp"
#include "handlers/scaivault/policies/handlers.hpp"

namespace scaivault::policies_api {

scai::Result<scai::web::Response> replace_policy(Context& context, const scai::web::Request& request) {
    return change_policy(context, request, Wanted::all);
}

} // namespace scaivault::policies_api
