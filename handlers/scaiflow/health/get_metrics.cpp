// GET /v1/metrics: counters of every process on this host, gauges of the database. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaiflow/health/handlers.hpp"

#include "lib/scaiflow/health/service.hpp"

namespace scaiflow::health_api {

scai::Result<scai::web::Response> get_metrics(Context& context, const scai::web::Request&) {
    return scai::web::Response::text(context.metrics.render() + health::mirror_gauges(context),
                                     "text/plain; version=0.0.4; charset=utf-8");
}

} // namespace scaiflow::health_api
