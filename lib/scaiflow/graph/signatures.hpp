// What plugin methods need. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace scaiflow::graph {

struct Signature {
    std::string_view plugin, method;
    std::string_view required; ///< argument names, space-separated
    std::string_view optional;
};

/// Known methods; an unknown plugin or method is not checked.
std::span<const Signature> signatures();
const Signature* find_signature(std::string_view plugin, std::string_view method);

} // namespace scaiflow::graph
