// What the jobs of ScaiFlow share. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/job/main.hpp"

namespace scaiflow {

const scai::job::Product& job_product();

} // namespace scaiflow
