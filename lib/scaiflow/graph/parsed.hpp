// What the check of the settings has parsed, for the compiler to go on with. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/scir/expression.hpp"

#include <unordered_map>

namespace scaiflow::graph {

/// By the address of what was parsed: an edge for its condition, else a value of the flow. Both outlive this.
struct Parsed {
    std::unordered_map<const void*, scai::scir::Expression> expressions;
    std::unordered_map<const void*, scai::scir::Template> templates;
};

} // namespace scaiflow::graph
