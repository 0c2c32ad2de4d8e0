// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/diagnostic.hpp"

#include <algorithm>

namespace scaiflow::graph {

using scai::json::Value;

bool has_errors(const Diagnostics& list) {
    return std::ranges::any_of(list, [](const Diagnostic& each) { return each.severity == Severity::error; });
}

Value to_json(const Diagnostic& diagnostic) {
    const auto or_null = [](const std::string& text) { return text.empty() ? Value(nullptr) : Value(text); };
    return Value::object({{"severity", diagnostic.severity == Severity::error ? "error" : "warning"},
                          {"message", diagnostic.message},
                          {"code", diagnostic.code},
                          {"path", or_null(diagnostic.path)},
                          {"node_id", or_null(diagnostic.node_id)},
                          {"edge_id", or_null(diagnostic.edge_id)}});
}

Value to_json(const Diagnostics& list) {
    Value out = Value::array();
    for (const Diagnostic& diagnostic : list)
        out.push(to_json(diagnostic));
    return out;
}

} // namespace scaiflow::graph
