// The rules of a policy as JSON (contract scaivault.md 3.1): read from a client or from the database, and
// written. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/policies/rules.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault::policies {

inline constexpr std::size_t max_rules = 500;

/// A JSON array of {path_pattern, permissions, conditions}. bad_request `invalid_glob` when only patterns are
/// wrong, else `invalid_policy`; all field errors are collected. Unknown members of a rule are refused: there
/// is no `effect`, and a misspelt condition would otherwise allow everything.
scai::Result<std::vector<Rule>> parse_rules(const scai::json::Value& rules, const std::string& path);
scai::json::Value to_json(const Rule& rule);
scai::json::Value to_json(const std::vector<Rule>& rules);

} // namespace scaivault::policies
