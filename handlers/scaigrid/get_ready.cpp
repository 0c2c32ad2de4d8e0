// GET /v1/health/ready: 200 once the schema is there, 503 before and while the database is away.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_platform.hpp"
#include "lib/db/migrate.hpp"

namespace scaigrid {

Result<Response> get_ready(Context& context, const Request& request) {
    const int there = scai::db::schema_version(context.pool, "scaigrid"); // unreachable: 503 by the router
    const bool ready = there >= expected_schema_version();
    return ok(request,
              scai::json::Value::object({{"status", ready ? "ready" : "schema_behind"},
                                         {"schema_version", there},
                                         {"expected_schema_version", expected_schema_version()}}),
              ready ? 200 : 503);
}

} // namespace scaigrid
