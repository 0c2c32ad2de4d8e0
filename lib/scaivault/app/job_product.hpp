// What the jobs of ScaiVault share. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/job/main.hpp"

namespace scaivault {

const scai::job::Product& job_product();

} // namespace scaivault
