// What would have to change for a rule to allow. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/policies/rules.hpp"

#include <string>

namespace scaivault::policies {

/// "" when nothing near would help: the smallest change of the pattern that makes it match, the permission
/// that is missing, or what the failed condition asks for.
std::string hint_for(const Rule& rule, Step step, const Query& query);

} // namespace scaivault::policies
