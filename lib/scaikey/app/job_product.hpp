// What the jobs of the embedded ScaiKey share. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/job/main.hpp"

namespace scaikey {

const scai::job::Product& job_product();

} // namespace scaikey
