// scaiflow schema. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/schema.hpp"

#include "jobs/cli/scaiflow/commands.hpp"
#include "jobs/cli/scaiflow/files.hpp"

#include <CLI/CLI.hpp>

namespace scaiflow::cli {

namespace {

int run_schema() {
    return print(graph::schema().dump_pretty() + "\n");
}

constexpr const char* schema_footer =
    R"(JSON Schema (draft 2020-12) of flow files, for editors and other tools; the text a ScaiFlow serves at
/api/schemas/scaiflow/v2.json.

Example:
  scaiflow schema >scaiflow.schema.json)";

} // namespace

void add_schema(CLI::App& app, Command& run) {
    auto* command = app.add_subcommand("schema", "print the JSON Schema of a flow");
    command->footer(schema_footer);
    command->callback([&run] { run = [] { return run_schema(); }; });
}

} // namespace scaiflow::cli
