// A flow as the editor draws it (contract scaiflow-model.md 1). Reading keeps every open part verbatim, so
// to_json(read(x)) equals x member by member, absent members included.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"
#include "lib/scaiflow/graph/diagnostic.hpp"
#include "lib/scaiflow/graph/kinds.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace scaiflow::graph {

struct Port {
    std::string id;
    std::optional<std::string> label, type;
};

struct Node {
    std::string id;
    Kind kind;
    std::string label;
    scai::json::Value position; ///< {x, y}
    scai::json::Value config;   ///< absent when the flow has none; members are borrowed from the flow
    std::optional<std::vector<Port>> inputs, outputs;
    bool has_input(std::string_view port) const;
    bool has_output(std::string_view port) const;
    /// The config value; the kind's default when it is absent or null; absent when there is none.
    scai::json::Value setting(std::string_view key) const;
    std::string text(std::string_view key) const; ///< setting() as text, "" when it is none
};

enum class EdgeType { sequential, conditional, data };
std::string_view name_of(EdgeType type);

struct Edge {
    std::string id;
    EdgeType type;
    std::string source_node, source_port, target_node, target_port;
    std::optional<std::string> condition;
};

struct Graph {
    std::optional<std::string> schema; ///< $schema
    std::string id, name, version;
    std::optional<std::string> scaicore_target;
    scai::json::Value metadata, variables, config, tests; ///< absent when the flow has none
    std::vector<Node> nodes;
    std::vector<Edge> edges;

    const Node* find(std::string_view node_id) const;
    std::size_t index_of(const Node& node) const { return static_cast<std::size_t>(&node - nodes.data()); }
    std::string target() const { return scaicore_target.value_or("0.2"); }

    std::unordered_map<std::string, std::size_t> node_index; ///< made by read()
};

inline constexpr std::size_t max_nodes = 2'000;
inline constexpr std::size_t max_ports = 256;         ///< of one side of a node
inline constexpr std::size_t max_content = 5U << 20U; ///< bytes of flow JSON
inline constexpr std::string_view schema_url = "https://scailabs.com/schemas/scaiflow/v2.json";

struct Read {
    std::optional<Graph> graph; ///< present when the shape is good enough to go on (no FLOW_SCHEMA error)
    Diagnostics diagnostics;    ///< stage 1: all problems, FLOW_SCHEMA with path
};
/// Stage 1: the shape against schema.hpp's one definition. Never throws on bad input.
Read read(const scai::json::Value& content);

scai::json::Value to_json(const Graph& graph); ///< members in the order of contract section 1

/// The saved form for files: to_json() pretty-printed, two spaces, LF at the end (`scaiflow fmt`).
std::string format(const Graph& graph);

/// prefix + 10 characters base36 from the system's random source ("flow_", "node_", "edge_").
std::string new_id(std::string_view prefix);
/// "1.2.3" -> "1.2.4"; a pre-release or build part is dropped; "1.0.0" for what is no version.
std::string bump_patch(std::string_view version);
bool valid_semver(std::string_view version);

} // namespace scaiflow::graph
