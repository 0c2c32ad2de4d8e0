// GET /health: the process answers; nothing else is asked. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_platform.hpp"

namespace scaigrid {

Result<Response> get_health(Context&, const Request& request) {
    return ok(request,
              scai::json::Value::object(
                  {{"status", "ok"}, {"embedded", true}, {"version", std::string_view(SCAI_VERSION)}}));
}

} // namespace scaigrid
