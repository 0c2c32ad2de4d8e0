// What hosts of the interpreter share: outcomes, and what a person may answer at a checkpoint.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scir/interpreter.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scai::scir {

Outcome answered(json::Value value);
Outcome failed(std::string code, std::string message);
Outcome suspended();

/// "llm_failed", "plugin_failed", "checkpoint_failed", "core_call_failed".
std::string failure_code(EffectKind kind);

/// Ids of the answers a person may choose from: texts, or objects with an `id`.
std::vector<std::string> option_ids(const json::Value& options);

/// Why `resolution` is no answer of a checkpoint; nullopt when it is one. `request` is the effect's: options
/// bind the resolution itself, or its member `resolution` or `decision`; decision sections of hitl_target
/// bind the members of their names, and a resolution that is a text answers the first of them.
std::optional<std::string> resolution_problem(const json::Value& request, const json::Value& resolution);
/// What the flow gets of a resolution that has no problem: where there is something to choose, the id that
/// was chosen, also when it comes in an object beside a comment (contract scaigrid.md 5.2); otherwise all of
/// it.
json::Value resolution_value(const json::Value& request, const json::Value& resolution);

} // namespace scai::scir
