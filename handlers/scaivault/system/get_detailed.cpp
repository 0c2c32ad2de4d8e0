// GET /v1/health/detailed. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/system/handlers.hpp"
#include "lib/scaivault/health/service.hpp"

namespace scaivault::system_api {

Answer get_detailed(Context& context, const scai::web::Request&) {
    return scai::web::Response::json(health::detailed(context));
}

} // namespace scaivault::system_api
