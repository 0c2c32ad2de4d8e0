// scaiflow import (contract scaiflow-api.md 4.1, scaiflow-model.md 5.5). SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/import.hpp"

#include "jobs/cli/scaiflow/commands.hpp"
#include "jobs/cli/scaiflow/files.hpp"
#include "lib/scaiflow/graph/graph.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <stdexcept>

namespace scaiflow::cli {

namespace {

struct ImportOptions {
    std::string file, out;
};

int run_import(const ImportOptions& options) {
    const auto text = read_file(options.file);
    if (!text) {
        complain(options.file, text.error().message);
        return exit_usage;
    }
    const auto imported = compiler::import_yaml(*text);
    if (!imported) {
        complain(options.file, imported.error());
        return exit_problems;
    }
    const auto read = graph::read(imported->content);
    if (!read.graph)
        throw std::logic_error("an imported flow that does not fit the schema");
    if (imported->unknown_steps > 0)
        warn(options.file, std::to_string(imported->unknown_steps) +
                               " steps that ScaiFlow did not write are kept in metadata.unknown_steps");
    if (same_file(options.file, options.out)) {
        complain(options.out, "would be overwritten with what is imported from it: use another --out");
        return exit_usage;
    }
    const std::string out = options.out.empty() ? "-" : options.out;
    if (const int written = write_file(out, graph::format(*read.graph)); written != exit_ok || out == "-")
        return written;
    return print("wrote " + out + "\n");
}

constexpr const char* import_footer =
    R"(A manifest that ScaiFlow wrote becomes the flow it was made from, layout included. Of any other manifest the
steps with ScaiFlow's `meta` become nodes, 120 px apart in their order; the other steps are kept in
metadata.unknown_steps, nothing is guessed. A single core.model becomes a registry with the role `primary`.

Examples:
  scaiflow import my.yaml --out my.flow.json
  scaiflow import my.yaml | scaiflow diff my.flow.json -)";

} // namespace

void add_import(CLI::App& app, Command& run) {
    auto options = std::make_shared<ImportOptions>();
    auto* command = app.add_subcommand("import", "turn a YAML manifest back into a flow");
    command->footer(std::string(import_footer) + "\n\n" + exit_help);
    command->add_option("MANIFEST", options->file, "file with a YAML manifest, - for standard input")
        ->required();
    command->add_option("--out", options->out, "file to write; standard output without it")
        ->type_name("PATH");
    command->callback([options, &run] { run = [options] { return run_import(*options); }; });
}

} // namespace scaiflow::cli
