// POST /v1/rotation/policies/{id}/enable. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/requests.hpp"

namespace scaivault::rotation_api {

scai::Result<Response> enable_policy(Context& context, const Request& request) {
    return switch_policy(context, request, /*active=*/true);
}

} // namespace scaivault::rotation_api
