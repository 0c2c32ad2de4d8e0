// POST /v1/test/faults: one more. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/test_faults.hpp"
#include "lib/scaigrid/app/faults.hpp"

namespace scaigrid {

Result<Response> add_fault(Context& context, const Request& request) {
    SCAI_TRY([[maybe_unused]] const auto open, faults_open(context));
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(const auto fault, faults::decode(body));
    faults::add(context.pool, fault);
    return ok(request, faults::view(fault), 201);
}

} // namespace scaigrid
