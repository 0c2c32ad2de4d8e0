// Small flows for tests, put together in one line each:
//   flow({node("node_in", "entry_api"), node("node_a", "llm_rigid", R"({"template":"hi"})")},
//        {edge("node_in", "node_a")})
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <string_view>
#include <vector>

namespace scai::test {

/// Parses JSON that a test wrote; throws on a mistake.
json::Value json(std::string_view text);

/// With the label "L <id>", the ports of a new node of that kind, and no config when `config` is empty.
json::Value node(std::string_view id, std::string_view type, std::string_view config = {});
/// "a" or "a.port"; the first output and the first input of a kind are found by their usual names: `out`,
/// and `in`. From an entry say the port: "node_in.out_request". The id is "edge_<from>_<to>".
json::Value edge(std::string_view from, std::string_view to, std::string_view condition = {});
/// With one model entry (role primary).
json::Value flow(std::vector<json::Value> nodes, std::vector<json::Value> edges);
/// A deep copy: flows share their parts otherwise.
json::Value copy(const json::Value& value);

} // namespace scai::test
