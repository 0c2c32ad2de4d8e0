// scaiflow diff: what changed between two flows, node- and edge-wise. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/graph/diff.hpp"

#include "jobs/cli/scaiflow/commands.hpp"
#include "jobs/cli/scaiflow/files.hpp"
#include "lib/base/strings.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <unistd.h>

namespace scaiflow::cli {

namespace {

struct DiffOptions {
    std::string before, after;
    bool json = false;
};

std::string line_of(const graph::Change& change, const Paint& paint) {
    std::string what = change.what;
    if (!change.id.empty())
        what += " " + printable(change.id);
    if (!change.label.empty() && change.label != change.id)
        what += " \"" + printable(change.label) + "\"";
    switch (change.kind) {
    case graph::Change::Kind::added:
        return paint.green("+ " + what);
    case graph::Change::Kind::removed:
        return paint.red("- " + what);
    case graph::Change::Kind::changed:
        if (change.layout_only)
            return "~ " + what + ": moved";
        return paint.yellow("~ " + what) +
               (change.members.empty() ? "" : ": " + printable(scai::join(change.members, ", ")));
    }
    return what;
}

/// Trouble is always 2 here: 1 says that the flows differ.
int trouble(const Flow& flow) {
    return flow.exit_code == exit_ok ? exit_ok : exit_usage;
}

int run_diff(const DiffOptions& options) {
    if (options.before == "-" && options.after == "-") {
        std::fprintf(stderr, "scaiflow: standard input can be read once only\n");
        return exit_usage;
    }
    const auto before = read_flow(options.before);
    const auto after = read_flow(options.after);
    if (trouble(before) != exit_ok || trouble(after) != exit_ok)
        return exit_usage;
    const auto changes = graph::diff(before.content, after.content);
    std::string text;
    if (options.json) {
        text = graph::to_json(changes).dump() + "\n";
    } else {
        const Paint paint(STDOUT_FILENO);
        for (const auto& change : changes)
            text += line_of(change, paint) + "\n";
    }
    if (const int printed = print(text); printed != exit_ok)
        return printed;
    return changes.empty() ? exit_ok : exit_problems;
}

constexpr const char* diff_footer =
    R"(Compares what the flows are, not how their files are spelled: nodes, edges, variables and tests by their ids, and
the other members of the flow. A line starts with + (only in B), - (only in A) or ~ (changed: the members that
differ, or "moved" when only a position does).

With --json: {"summary": {...}, "changes": [...]}, each change with kind, what, id, members, before and after.

Exit status: 0 the same, 1 different, 2 bad usage or a file that cannot be read or holds no flow.

Examples:
  scaiflow diff old.flow.json new.flow.json
  git show HEAD:my.flow.json | scaiflow diff - my.flow.json)";

} // namespace

void add_diff(CLI::App& app, Command& run) {
    auto options = std::make_shared<DiffOptions>();
    auto* command = app.add_subcommand("diff", "compare two flows");
    command->footer(diff_footer);
    command->add_option("A", options->before, "file with flow JSON, - for standard input")->required();
    command->add_option("B", options->after, "the other one")->required();
    command->add_flag("--json", options->json, "print one JSON object");
    command->callback([options, &run] { run = [options] { return run_diff(*options); }; });
}

} // namespace scaiflow::cli
