// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fuzz_targets.hpp"

#include "lib/scaiflow/graph/bindings.hpp"
#include "lib/scaiflow/graph/diff.hpp"
#include "lib/scaiflow/graph/validate.hpp"

#include <set>
#include <stdexcept>

namespace scai::test {

namespace {

void hold(bool invariant, const char* what) {
    if (!invariant)
        throw std::logic_error(what);
}

void check_graph(const scaiflow::graph::Graph& graph, const json::Value& content) {
    namespace graphs = scaiflow::graph;
    const json::Value written = graphs::to_json(graph);
    hold(written.dump(true) == content.dump(true), "a flow that came back differently");
    const std::string file = graphs::format(graph);
    const auto parsed = json::parse(file);
    hold(static_cast<bool>(parsed), "a file that is not JSON");
    const graphs::Read again = graphs::read(*parsed);
    hold(again.graph && graphs::format(*again.graph) == file, "a file with two forms");
    std::set<std::string> names;
    for (const auto& [id, name] : graphs::bindings_of(graph))
        hold(names.insert(name).second, "two nodes with one binding");
}

} // namespace

void fuzz_flow_json(std::string_view input) {
    namespace graphs = scaiflow::graph;
    const auto content = json::parse(input);
    if (!content)
        return;
    const graphs::Read read = graphs::read(*content);
    hold(read.graph.has_value() == !graphs::has_errors(read.diagnostics), "neither a graph nor a reason");
    const graphs::Diagnostics found = graphs::validate(*content);
    hold(read.graph.has_value() || !found.empty(), "a broken flow without a problem");
    for (const graphs::Diagnostic& each : found) {
        hold(!each.code.empty() && !each.message.empty(), "a problem without words");
        hold(graphs::to_json(each).is_object(), "a problem that cannot be shown");
    }
    hold(graphs::diff(*content, *content).empty(), "a flow that differs from itself");
    if (read.graph)
        check_graph(*read.graph, *content);
}

} // namespace scai::test
