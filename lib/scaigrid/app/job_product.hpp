// What the jobs of the embedded ScaiGrid share. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/job/main.hpp"

namespace scaigrid {

const scai::job::Product& job_product();

} // namespace scaigrid
