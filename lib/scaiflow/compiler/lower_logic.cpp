// logic_decision, logic_loop, logic_parallel (contract scaiflow-model.md 2.3). SPDX-License-Identifier:
// Apache-2.0
#include "lib/scaiflow/compiler/lower.hpp"

namespace scaiflow::compiler {

using graph::Kind;
using scai::json::Value;

Value lower_logic(const Context& context, const Item& item, const std::vector<LoweredBranch>& branches,
                  Value otherwise) {
    const graph::Node& node = *item.node;
    if (node.kind == Kind::logic_decision) {
        Value arms = Value::array();
        for (const LoweredBranch& branch : branches)
            arms.push(
                Value::object({{"when", branch.when}, {"edge_id", branch.edge_id}, {"body", branch.body}}));
        return block("match", node).set("arms", arms).set("otherwise", std::move(otherwise));
    }
    if (node.kind == Kind::logic_parallel) {
        Value list = Value::array();
        for (const LoweredBranch& branch : branches)
            list.push(Value::object({{"name", branch.name}, {"body", branch.body}}));
        Value out = block("parallel", node).set("branches", list);
        context.copy(out, node, {"max_concurrent", "fail_fast"});
        return out;
    }
    const bool loops_while = node.text("style") == "while";
    Value out = block(loops_while ? "while" : "foreach", node);
    if (loops_while)
        context.copy(out, node, {"condition", "max_iterations"});
    else
        context.copy(out, node, {"collection", "item"});
    return out.set("body", branches.empty() ? Value::array() : branches.front().body);
}

} // namespace scaiflow::compiler
