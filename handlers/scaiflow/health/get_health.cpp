// GET /v1/health: the process answers; nothing else is asked. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/health/handlers.hpp"

namespace scaiflow::health_api {

scai::Result<scai::web::Response> get_health(Context&, const scai::web::Request&) {
    return scai::web::Response::json(
        scai::json::Value::object({{"status", "ok"}, {"version", std::string_view(SCAI_VERSION)}}));
}

} // namespace scaiflow::health_api
