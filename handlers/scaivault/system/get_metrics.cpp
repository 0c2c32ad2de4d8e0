// GET /v1/metrics: counters of every process on this host, gauges of the database. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaivault/system/handlers.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/app/authenticator.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/health/service.hpp"

namespace scaivault::system_api {

Answer get_metrics(Context& context, const scai::web::Request& request) {
    const auto wanted = context.settings.secret("METRICS_TOKEN");
    if (!wanted.empty() &&
        !scai::crypto::constant_time_equal(wanted.reveal(), bearer_token(request.header("authorization"))))
        return unauthenticated("authentication_required", "metrics need the bearer token of METRICS_TOKEN");
    return scai::web::Response::text(context.metrics.render() + health::gauges(context),
                                     "text/plain; version=0.0.4; charset=utf-8");
}

} // namespace scaivault::system_api
