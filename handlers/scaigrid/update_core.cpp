// PUT /v1/modules/scaicore/cores/{core_id}: what the body leaves out stays. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaigrid/handlers_cores.hpp"
#include "lib/scaigrid/cores/service.hpp"

namespace scaigrid {

Result<Response> update_core(Context& context, const Request& request) {
    SCAI_TRY(const auto draft, cores::read_draft(exchange_of(request).content_type, request.body));
    SCAI_TRY(const auto core, cores::replace(context, request.principal, request.param("core_id"), draft));
    return ok(request, cores::view(core));
}

} // namespace scaigrid
