// GET /metrics: counters of every process of this host. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_platform.hpp"

namespace scaigrid {

Result<Response> get_metrics(Context& context, const Request&) {
    return Response::text(context.metrics.render(), "text/plain; version=0.0.4; charset=utf-8");
}

} // namespace scaigrid
