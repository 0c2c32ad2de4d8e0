// Compiler: flow JSON -> YAML manifest, SCIR bundle, .scai text (contract scaiflow-model.md 2, 3, 5, 6). One
// library for API and CLI; pure: same flow, same bytes. A changed position never changes IR or .scai.
//
// Control flow (lower.cpp). Edges of one output port are tried in list order: the first conditional edge
// whose condition is truthy is taken; a sequential edge after conditional ones is the fallthrough (wherever
// it stands in the list; taken when none was); sequential edges of a port without conditional ones are all
// taken, in order. logic_parallel: every outgoing edge is a branch. logic_loop: port `body` is the body, port
// `out` goes on. A node runs once, when one of the edges into it was taken. Data edges order nothing.
// Branches are nested as match arms; a node where branches meet comes after the innermost block that holds
// them all, guarded by a synthetic flag only where not every path leads to it. No node is ever emitted twice.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"
#include "lib/scaiflow/graph/graph.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scaiflow::compiler {

enum class Format { yaml, ir, scai };
std::optional<Format> format_of(std::string_view name); ///< "yaml", "ir", "scai"
std::string_view name_of(Format format);

struct Compiled {
    std::optional<std::string> body; ///< absent when there is an error; ir: the bundle's bytes
    graph::Diagnostics diagnostics;  ///< errors and warnings of all stages
};

/// All four stages; `verify` runs scir::verify on ir (code VERIFY).
Compiled compile(const scai::json::Value& content, Format format, bool verify = true);

/// Stage 3 alone: the module of a flow that has no errors.
scai::json::Value lower(const graph::Graph& graph);
scai::json::Value manifest(const graph::Graph& graph); ///< the tree that yaml writes
std::string scai_text(const scai::json::Value& module);

/// kebab-case of the flow's name: "Parcel Claims" -> "parcel-claims"; "flow" when nothing is left.
std::string slug(std::string_view name);

} // namespace scaiflow::compiler
