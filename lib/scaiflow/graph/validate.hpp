// All that can be said about a flow without compiling it, all at once, in document order within a stage
// (contract scaiflow-model.md 4). Linear in nodes + edges. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/graph/bindings.hpp"
#include "lib/scaiflow/graph/graph.hpp"
#include "lib/scaiflow/graph/parsed.hpp"

namespace scaiflow::graph {

/// Stage 2: ids, edges, ports, entries, cycles over control edges, unreachable nodes, unused ports.
Diagnostics analyze(const Graph& graph);
/// Stage 3, what the code generator needs: roles, required settings, loops, cron, zones, core URIs,
/// expressions and templates, plugin signatures, queues and scopes, names that nothing upstream provides
/// (warning). `parsed` is given what was parsed on the way.
Diagnostics check_settings(const Graph& graph, const ResultNames& results, Parsed* parsed = nullptr);
/// Stages 2 and 3 of a flow that read() has found fault with, as far as they make sense: errors about its sound
/// parts. What may only follow from a fault that is told already is left out, and so are warnings.
Diagnostics check_rest(const scai::json::Value& content, const Diagnostics& found);
/// All stages: read(), then analyze() and check_settings(), or check_rest().
Diagnostics validate(const scai::json::Value& content);

} // namespace scaiflow::graph
