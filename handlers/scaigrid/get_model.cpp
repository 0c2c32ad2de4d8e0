// GET /v1/models/{slug}: slashes of the slug as they are or as %2F. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_cores.hpp"
#include "lib/scaigrid/models/models.hpp"

namespace scaigrid {

Result<Response> get_model(Context& context, const Request& request) {
    SCAI_TRY(const auto model, models::find(context, request.principal, request.param("slug")));
    return ok(request, models::view(model));
}

} // namespace scaigrid
