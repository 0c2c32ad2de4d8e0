// PUT /v1/secret-policies/{id}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/requests.hpp"

namespace scaivault::rotation_api {

scai::Result<Response> replace_recipe(Context& context, const Request& request) {
    return write_recipe(context, request, /*whole=*/true);
}

} // namespace scaivault::rotation_api
