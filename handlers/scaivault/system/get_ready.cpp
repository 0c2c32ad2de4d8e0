// GET /v1/health/ready: 200, or 503 with the same report. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/system/handlers.hpp"
#include "lib/scaivault/health/service.hpp"

namespace scaivault::system_api {

Answer get_ready(Context& context, const scai::web::Request&) {
    const auto readiness = health::check_readiness(context);
    return scai::web::Response::json(readiness.report, readiness.ready ? 200 : 503);
}

} // namespace scaivault::system_api
