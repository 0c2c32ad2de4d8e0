// What is wrong with a flow (contract scaiflow-model.md 4; messages as given there).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <string>
#include <vector>

namespace scaiflow::graph {

enum class Severity { error, warning };

struct Diagnostic {
    Severity severity = Severity::error;
    std::string code; ///< "EDGE_PORT_SOURCE", ... of section 4
    std::string message;
    std::string path;    ///< "edges[2].target.port"; "" = the whole flow
    std::string node_id; ///< "" = not attached to a node
    std::string edge_id;
};
using Diagnostics = std::vector<Diagnostic>;

bool has_errors(const Diagnostics& list);
/// {severity, message, code, path, node_id|null, edge_id|null}
scai::json::Value to_json(const Diagnostic& diagnostic);
scai::json::Value to_json(const Diagnostics& list);

} // namespace scaiflow::graph
