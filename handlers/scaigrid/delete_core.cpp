// DELETE /v1/modules/scaicore/cores/{core_id}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_cores.hpp"
#include "lib/scaigrid/cores/service.hpp"

namespace scaigrid {

Result<Response> delete_core(Context& context, const Request& request) {
    SCAI_TRY([[maybe_unused]] const auto done,
             cores::remove(context, request.principal, request.param("core_id")));
    return Response::no_content();
}

} // namespace scaigrid
