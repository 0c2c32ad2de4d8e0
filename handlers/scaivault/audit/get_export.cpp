// GET /v1/audit/exports/{id}: how far it is, and what was written. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/audit/handlers.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/audit/exports.hpp"

namespace scaivault::audit_api {

Answer get_export(Context& context, const scai::web::Request& request) {
    const auto row = audit::find_export(context.pool, caller_of(request).tenant_id, request.param("id"));
    if (!row)
        return not_found("export_not_found", "there is no such export");
    return scai::web::Response::json(to_json(*row));
}

} // namespace scaivault::audit_api
