// subflow_call (contract scaiflow-model.md 2.8). SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/lower.hpp"

namespace scaiflow::compiler {

scai::json::Value lower_subflow(const Context& context, const graph::Node& node) {
    scai::json::Value out = block("core_call", node);
    context.copy(out, node,
                 {"target", "flow_name", "input_bindings", "instance_key", "version", "timeout", "is_async"});
    return out;
}

} // namespace scaiflow::compiler
