// What the endpoints of the fault switches share. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "handlers/scaigrid/handlers_platform.hpp"

namespace scaigrid {

/// 404 unless SCAIGRID_TEST_FAULTS is set: without it there is no such path.
scai::Status faults_open(const Context& context);
Response fault_list(Context& context, const Request& request);

} // namespace scaigrid
