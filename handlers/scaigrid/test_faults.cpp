// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/test_faults.hpp"

#include "lib/scaigrid/app/faults.hpp"

namespace scaigrid {

scai::Status faults_open(const Context& context) {
    if (context.settings.flag("SCAIGRID_TEST_FAULTS"))
        return scai::Done{};
    return refusal(scai::ErrorKind::not_found, "", "Not Found"); // as for any path that is not there
}

Response fault_list(Context& context, const Request& request) {
    auto rows = scai::json::Value::array();
    for (const auto& fault : faults::list(context.pool))
        rows.push(faults::view(fault));
    return ok(request, scai::json::Value::object({{"faults", rows}}));
}

} // namespace scaigrid
