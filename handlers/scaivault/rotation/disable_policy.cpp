// POST /v1/rotation/policies/{id}/disable: a pause, its secrets stay attached. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaivault/rotation/requests.hpp"

namespace scaivault::rotation_api {

scai::Result<Response> disable_policy(Context& context, const Request& request) {
    return switch_policy(context, request, /*active=*/false);
}

} // namespace scaivault::rotation_api
