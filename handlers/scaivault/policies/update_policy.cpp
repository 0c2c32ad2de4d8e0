// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/policies/change_policy.hpp"
#include "handlers/scaivault/policies/handlers.hpp"

namespace scaivault::policies_api {

scai::Result<scai::web::Response> update_policy(Context& context, const scai::web::Request& request) {
    return change_policy(context, request, Wanted::some);
}

} // namespace scaivault::policies_api
