// POST /v1/modules/scaicore/cores/{core_id}/stop. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_cores.hpp"
#include "lib/scaigrid/cores/service.hpp"

namespace scaigrid {

Result<Response> stop_core(Context& context, const Request& request) {
    SCAI_TRY(const auto core,
             cores::act(context, request.principal, request.param("core_id"), cores::Action::stop));
    return ok(request, cores::view(core));
}

} // namespace scaigrid
