// scaiflow compile (contract scaiflow-api.md 4.1). SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/compiler/compile.hpp"

#include "jobs/cli/scaiflow/commands.hpp"
#include "jobs/cli/scaiflow/files.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <unistd.h>

namespace scaiflow::cli {

namespace {

struct CompileOptions {
    std::string flow, format = "yaml", out;
    bool no_verify = false;
};

std::string suffix_of(compiler::Format format) {
    switch (format) {
    case compiler::Format::yaml:
        return ".yaml";
    case compiler::Format::ir:
        return ".scir";
    case compiler::Format::scai:
        return ".scai";
    }
    return "";
}

int run_compile(const CompileOptions& options) {
    const auto format = compiler::format_of(options.format).value();
    const auto flow = read_flow(options.flow);
    if (flow.exit_code != exit_ok)
        return flow.exit_code;
    const auto compiled = compiler::compile(flow.content, format, !options.no_verify);
    complain(options.flow, compiled.diagnostics);
    if (!compiled.body)
        return exit_problems;
    std::string out = options.out;
    if (out.empty())
        out = options.flow == "-" ? "-" : stem_of(options.flow) + suffix_of(format);
    if (out == "-" && format == compiler::Format::ir && ::isatty(STDOUT_FILENO) == 1) {
        complain("<standard output>", "a bundle is binary and this is a terminal: use --out");
        return exit_usage;
    }
    if (same_file(options.flow, out)) {
        complain(out, "would be overwritten with what it is compiled to: use another --out");
        return exit_usage;
    }
    if (const int written = write_file(out, *compiled.body); written != exit_ok || out == "-")
        return written;
    return print("wrote " + out + "\n");
}

constexpr const char* compile_footer =
    R"(Formats: yaml, the manifest that is deployed and can be imported again without loss; ir, the SCIR bundle
(MessagePack); scai, ScaiCore text for reading. The same flow gives the same bytes, on every machine.

Without --out the file is NAME.yaml, NAME.scir or NAME.scai in the current folder, for an input called
NAME.flow.json; a flow from standard input goes to standard output. A flow with errors writes nothing.

Examples:
  scaiflow compile my.flow.json                        writes my.yaml
  scaiflow compile my.flow.json --format ir --out -    the bundle on standard output
  scaiflow compile - --format scai <my.flow.json)";

} // namespace

void add_compile(CLI::App& app, Command& run) {
    auto options = std::make_shared<CompileOptions>();
    auto* command = app.add_subcommand("compile", "compile a flow to a manifest, a bundle or ScaiCore text");
    command->footer(std::string(compile_footer) + "\n\n" + exit_help);
    command->add_option("FLOW", options->flow, "file with flow JSON, - for standard input")->required();
    command->add_option("--format", options->format, "what to make")
        ->check(CLI::IsMember({"yaml", "ir", "scai"}))
        ->capture_default_str();
    command->add_option("--out", options->out, "file to write, - for standard output")->type_name("PATH");
    command->add_flag("--no-verify", options->no_verify, "ir only: do not run the verifier on the bundle");
    command->callback([options, &run] { run = [options] { return run_compile(*options); }; });
}

} // namespace scaiflow::cli
