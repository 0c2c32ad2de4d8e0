// tool_plugin, tool_http, data_variable_set (contract scaiflow-model.md 2.4). SPDX-License-Identifier:
// Apache-2.0
#include "lib/scaiflow/compiler/lower.hpp"

namespace scaiflow::compiler {

using scai::json::Value;

Value lower_tool(const Context& context, const graph::Node& node) {
    if (node.kind == graph::Kind::tool_plugin)
        return plugin_block(node, node.text("plugin"), node.text("method"), context.setting(node, "args"));
    if (node.kind == graph::Kind::tool_http) {
        Value args = Value::object();
        context.copy_arguments(args, node, {"method", "url", "headers", "body", "timeout_s"});
        return plugin_block(node, "http", "request", args, node.setting("timeout_s"));
    }
    Value statement = Value::object(
        {{"kind", "assign"}, {"name", node.text("name")}, {"value", context.setting(node, "value")}});
    return block("rigid", node).set("statements", Value::array({statement}));
}

} // namespace scaiflow::compiler
