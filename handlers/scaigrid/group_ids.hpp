// What publish and its sync read. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "handlers/scaigrid/handlers_cores.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scaigrid {

/// group_ids of an optional body; without models:manage groups are not touched (contract scaigrid.md 5.3).
Result<std::optional<std::vector<std::string>>> read_group_ids(const Request& request);

} // namespace scaigrid
