// GET /v1/test/faults. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/test_faults.hpp"

namespace scaigrid {

Result<Response> list_faults(Context& context, const Request& request) {
    SCAI_TRY([[maybe_unused]] const auto open, faults_open(context));
    return fault_list(context, request);
}

} // namespace scaigrid
