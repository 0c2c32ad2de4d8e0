// DELETE /v1/test/faults/{fault_id}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/test_faults.hpp"
#include "lib/scaigrid/app/faults.hpp"

namespace scaigrid {

Result<Response> delete_fault(Context& context, const Request& request) {
    SCAI_TRY([[maybe_unused]] const auto open, faults_open(context));
    if (!faults::remove(context.pool, request.param("fault_id")))
        return not_found("Fault");
    return Response::no_content();
}

} // namespace scaigrid
