// Names of groups, for people to read. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace scaivault {

/// In the order of the names; a group the copy of the directory does not know is left out.
std::vector<std::string> group_names(scai::db::Pool& pool, std::string_view tenant,
                                     const std::vector<std::string>& ids);

} // namespace scaivault
