// scaiflow validate (contract scaiflow-api.md 4.1). SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/validate.hpp"
#include "jobs/cli/scaiflow/commands.hpp"
#include "jobs/cli/scaiflow/files.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace scaiflow::cli {

namespace {

using scai::json::Value;

struct ValidateOptions {
    std::string flow;
    bool json = false;
};

Value result_of(const graph::Diagnostics& diagnostics) {
    graph::Diagnostics errors;
    graph::Diagnostics warnings;
    for (const auto& item : diagnostics)
        (item.severity == graph::Severity::error ? errors : warnings).push_back(item);
    return Value::object(
        {{"ok", errors.empty()}, {"errors", graph::to_json(errors)}, {"warnings", graph::to_json(warnings)}});
}

int run_validate(const ValidateOptions& options) {
    const auto flow = read_flow(options.flow, options.json ? Quiet::yes : Quiet::no);
    if (flow.exit_code == exit_usage || (flow.exit_code != exit_ok && !options.json))
        return flow.exit_code;
    graph::Diagnostics diagnostics;
    if (flow.exit_code == exit_ok)
        diagnostics = graph::validate(flow.content);
    else
        diagnostics.push_back({graph::Severity::error, "FLOW_SCHEMA", flow.problem, "", "", ""});
    const bool bad = graph::has_errors(diagnostics);
    if (!options.json)
        complain(options.flow, diagnostics);
    else if (const int printed = print(result_of(diagnostics).dump() + "\n"); printed != exit_ok)
        return printed;
    return bad ? exit_problems : exit_ok;
}

constexpr const char* validate_footer =
    R"(Checks the shape of the flow against the schema, its ports, entries and cycles, and what every node needs to
compile. Everything that is wrong is told at once: errors stop a compile, warnings do not.

With --json: {"ok", "errors": [...], "warnings": [...]}; each item has severity, message, code, path, node_id and
edge_id.

Examples:
  scaiflow validate my.flow.json
  scaiflow validate --json - <my.flow.json | jq -r '.errors[].message')";

} // namespace

void add_validate(CLI::App& app, Command& run) {
    auto options = std::make_shared<ValidateOptions>();
    auto* command = app.add_subcommand("validate", "say everything that is wrong with a flow");
    command->footer(std::string(validate_footer) + "\n\n" + exit_help);
    command->add_option("FLOW", options->flow, "file with flow JSON, - for standard input")->required();
    command->add_flag("--json", options->json, "print one JSON object");
    command->callback([options, &run] { run = [options] { return run_validate(*options); }; });
}

} // namespace scaiflow::cli
