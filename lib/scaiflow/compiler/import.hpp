// YAML manifest -> flow (contract scaiflow-model.md 5.2, 5.5): lossless for our own, best effort for foreign
// ones. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace scaiflow::compiler {

struct Imported {
    scai::json::Value content; ///< fits schema v2
    bool lossless;             ///< taken from core.scaiflow_meta.graph
    std::size_t unknown_steps; ///< kept in metadata.unknown_steps
    /// What the text was hand-edited to, where its parts disagree: a step's own meta wins over
    /// core.scaiflow_meta.graph. Sentences for people.
    std::vector<std::string> notes;
};
/// bad_request when it is no YAML or has no `core`; names what is missing.
scai::Result<Imported> import_yaml(std::string_view text);
/// The same from the parsed text.
scai::Result<Imported> import_manifest(const scai::json::Value& tree);

} // namespace scaiflow::compiler
