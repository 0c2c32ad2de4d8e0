// DELETE /v1/test/faults. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/test_faults.hpp"
#include "lib/scaigrid/app/faults.hpp"

namespace scaigrid {

Result<Response> clear_faults(Context& context, const Request&) {
    SCAI_TRY([[maybe_unused]] const auto open, faults_open(context));
    faults::clear(context.pool);
    return Response::no_content();
}

} // namespace scaigrid
