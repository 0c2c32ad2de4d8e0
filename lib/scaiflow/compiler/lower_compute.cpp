// compute_*: calls of plugin scaibunker (contract scaiflow-model.md 2.7). SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/lower.hpp"

namespace scaiflow::compiler {

using graph::Kind;
using scai::json::Value;

namespace {

std::string_view method_of(Kind kind) {
    switch (kind) {
    case Kind::compute_provision:
        return "create";
    case Kind::compute_exec:
        return "exec";
    case Kind::compute_file_upload:
        return "write_file";
    case Kind::compute_file_download:
        return "read_file";
    default:
        return "destroy";
    }
}

} // namespace

Value lower_compute(const Context& context, const graph::Node& node) {
    Value args = Value::object();
    for (const graph::ConfigKey& key : graph::definition(node.kind).config)
        if (key.name != "breakpoint")
            context.copy_arguments(args, node, {key.name});
    return plugin_block(node, "scaibunker", method_of(node.kind), args, node.setting("timeout_s"));
}

} // namespace scaiflow::compiler
