// GET /v1/health: the process answers; nothing else is asked. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/system/handlers.hpp"

namespace scaivault::system_api {

Answer get_health(Context& context, const scai::web::Request&) {
    return scai::web::Response::json(scai::json::Value::object(
        {{"status", "healthy"}, {"timestamp", scai::to_iso8601(context.clock->now())}}));
}

} // namespace scaivault::system_api
