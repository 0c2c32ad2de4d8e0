// scaiflow publish: writes a package, uploads nothing (contract scaiflow-api.md 4.1, 10-14).
// SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaiflow/commands.hpp"
#include "jobs/cli/scaiflow/files.hpp"
#include "lib/base/strings.hpp"
#include "lib/scaiflow/catalog/package.hpp"
#include "lib/scaiflow/compiler/compile.hpp"
#include "lib/scaiflow/graph/graph.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace scaiflow::cli {

namespace {

struct PublishOptions {
    std::string flow, out, package_id, name, version = "0.1.0", description, readme;
};

/// A name that starts with a digit gives a slug that is no package id yet.
std::string default_id(const std::string& name) {
    auto id = compiler::slug(name);
    if (!id.empty() && (id.front() < 'a' || id.front() > 'z'))
        id.insert(0, "flow-");
    id = id.substr(0, 64);
    while (id.ends_with('-'))
        id.pop_back();
    return id;
}

int refuse(const std::string& option, const std::string& message) {
    std::fprintf(stderr, "scaiflow: %s: %s\n", option.c_str(), message.c_str());
    return exit_usage;
}

/// exit_ok, or what to exit with.
int read_readme(const PublishOptions& options, catalog::PackageInfo& info) {
    if (options.readme.empty())
        return exit_ok;
    auto text = read_file(options.readme);
    if (!text) {
        complain(options.readme, text.error().message);
        return exit_usage;
    }
    if (text->size() > catalog::max_readme || !scai::valid_utf8(*text) ||
        text->find('\0') != std::string::npos) {
        complain(options.readme,
                 "must be UTF-8 text of at most " + std::to_string(catalog::max_readme) + " bytes");
        return exit_problems;
    }
    info.readme = std::move(*text);
    return exit_ok;
}

int check(const catalog::PackageInfo& info) {
    if (!catalog::valid_package_id(info.package_id))
        return refuse("--package-id", "\"" + info.package_id +
                                          "\" must be lower-case letters, digits and single dashes, 64 at "
                                          "most, starting with a letter");
    if (info.name.empty() || info.name.size() > catalog::max_name)
        return refuse("--name", "must be 1 to " + std::to_string(catalog::max_name) + " bytes");
    if (!graph::valid_semver(info.version) || info.version.size() > catalog::max_version)
        return refuse("--version", "must be a semantic version such as 0.1.0");
    if (info.description.size() > catalog::max_description)
        return refuse("--description",
                      "must be at most " + std::to_string(catalog::max_description) + " bytes");
    for (const auto* text : {&info.name, &info.description})
        if (!scai::valid_utf8(*text))
            return refuse(text == &info.name ? "--name" : "--description", "must be UTF-8");
    return exit_ok;
}

int run_publish(const PublishOptions& options) {
    if (options.flow == "-" && options.readme == "-")
        return refuse("--readme", "standard input is the flow already");
    const auto flow = read_flow(options.flow);
    if (flow.exit_code != exit_ok)
        return flow.exit_code;
    const auto prepared = catalog::prepare(flow.content);
    complain(options.flow, prepared.diagnostics);
    if (!prepared.contents)
        return exit_problems;
    catalog::PackageInfo info;
    info.name = options.name.empty() ? flow.content.member("name") : options.name;
    info.package_id = options.package_id.empty() ? default_id(info.name) : options.package_id;
    info.version = options.version;
    info.description = options.description;
    info.author_id = flow.content.get("metadata").member("author");
    if (const int bad = check(info); bad != exit_ok)
        return bad;
    if (const int bad = read_readme(options, info); bad != exit_ok)
        return bad;
    const std::string out =
        options.out.empty() ? info.package_id + "-" + info.version + ".scaipkg" : options.out;
    for (const auto& input : {options.flow, options.readme})
        if (!input.empty() && same_file(input, out)) {
            complain(out, "would be overwritten with the package it is part of: use another --out");
            return exit_usage;
        }
    if (const int written = write_file(out, catalog::pack(*prepared.contents, info));
        written != exit_ok || out == "-")
        return written;
    return print("wrote " + out + "\n");
}

constexpr const char* publish_footer =
    R"(Compiles the flow and writes a package (.scaipkg: a zip with flow.json, manifest.yaml, package.json and perhaps
README.md) to the disk; nothing is uploaded. The same flow and options give the same bytes. A flow with errors
writes nothing.

Examples:
  scaiflow publish my.flow.json                                  writes my-flow-0.1.0.scaipkg
  scaiflow publish my.flow.json --version 1.2.0 --readme README.md --out dist/my.scaipkg)";

} // namespace

void add_publish(CLI::App& app, Command& run) {
    auto options = std::make_shared<PublishOptions>();
    auto* command = app.add_subcommand("publish", "pack a flow as a catalog package on the disk");
    command->footer(std::string(publish_footer) + "\n\n" + exit_help);
    command->add_option("FLOW", options->flow, "file with flow JSON, - for standard input")->required();
    command->add_option("--package-id", options->package_id, "id in the catalog; else made of the name")
        ->type_name("SLUG");
    command->add_option("--name", options->name, "name shown; else the flow's");
    command->add_option("--version", options->version, "semantic version of the package")
        ->capture_default_str();
    command->add_option("--description", options->description, "one paragraph");
    command->add_option("--readme", options->readme, "Markdown file that becomes README.md")
        ->type_name("PATH");
    command->add_option("--out", options->out, "file to write; else ID-VERSION.scaipkg, here")
        ->type_name("PATH");
    command->callback([options, &run] { run = [options] { return run_publish(*options); }; });
}

} // namespace scaiflow::cli
