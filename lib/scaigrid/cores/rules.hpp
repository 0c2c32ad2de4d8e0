// Decisions about Cores that need nothing but values. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaigrid::cores {

/// Lower case, runs of other characters become "-", trimmed; "core" when nothing is left (contract
/// scaigrid.md 12 N5).
std::string slug_of(std::string_view name);

enum class Action { start, stop, restart, pause, resume };
std::string_view name_of(Action action);
/// States an action may be taken in (contract scaigrid.md 3.2); the states in between are passed at once.
const std::vector<std::string>& states_for(Action action);
/// Where it leads when all goes well.
std::string_view state_after(Action action);
/// States in which a Core may be deleted; one in error is to be put right first.
const std::vector<std::string>& deletable_states();

/// conflict CORE_STATE_CONFLICT: what was asked for, where the Core is, where it would have to be.
scai::Error wrong_state(std::string_view what, std::string_view state,
                        const std::vector<std::string>& allowed);

} // namespace scaigrid::cores
