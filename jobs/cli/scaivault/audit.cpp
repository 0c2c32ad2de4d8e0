// scaivault audit verify|anchor|retention|export: on the server's own database. SPDX-License-Identifier:
// Apache-2.0
#include "jobs/cli/scaivault/connection.hpp"
#include "jobs/cli/scaivault/server.hpp"
#include "lib/job/job.hpp"
#include "lib/scaivault/audit/chain.hpp"
#include "lib/scaivault/audit/exports.hpp"
#include "lib/scaivault/audit/journal.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

namespace scaivault::cli {

namespace {

using scai::json::Value;

constexpr auto help =
    R"(The trail of every tenant is a hash chain of seals, extended every minute by scaivault-job-audit-seal. `verify` reads
all of it and says what was edited, deleted, put in or put in another order. Whoever can write to the database can
also cut off the end of a chain or make it anew: that is found by comparing with an anchor that was kept elsewhere.
So print the anchors regularly and keep them where the database's administrators cannot reach.

Examples:
  scaivault audit anchor >> /mnt/worm/scaivault-anchors      from cron, each day
  scaivault audit verify --anchors /mnt/worm/scaivault-anchors
  scaivault audit retention tnt_demo --years 10
  scaivault audit export tnt_demo --from 2026-01-01T00:00:00Z --format csv --out /var/exports

)";

struct AuditOptions {
    std::string tenant, anchors_file, from, to, format = "jsonl", folder;
    int years = 0;
    bool use_default = false;

    std::optional<std::string> only() const {
        return tenant.empty() ? std::nullopt : std::optional(tenant == "-" ? "" : tenant);
    }
};

/// One anchor a line; empty lines and lines with # are skipped.
std::vector<audit::Anchor> read_anchors(const std::string& file) {
    std::ifstream from_file;
    if (file != "-") {
        from_file.open(file);
        if (!from_file)
            throw Stop(exit_validation, "cannot read " + file);
    }
    std::istream& in = file == "-" ? std::cin : from_file;
    std::vector<audit::Anchor> out;
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
        if (line.empty() || line.starts_with('#'))
            continue;
        const auto anchor = audit::parse_anchor(line);
        if (!anchor)
            throw Stop(exit_validation,
                       file + ":" + std::to_string(number) + " is no anchor: tenant, number and hash");
        out.push_back(*anchor);
    }
    if (out.empty()) // a lost file must not pass for a chain that was compared
        throw Stop(exit_validation, (file == "-" ? "standard input" : file) +
                                        " holds no anchor: `scaivault audit anchor` prints them");
    return out;
}

Value to_json(const std::vector<audit::Anchor>& anchors) {
    auto out = Value::array();
    for (const auto& anchor : anchors)
        out.push(Value::object(
            {{"tenant_id", anchor.tenant_id}, {"number", anchor.number}, {"hash", anchor.hash}}));
    return out;
}

std::string lines(const std::vector<audit::Anchor>& anchors) {
    std::string out;
    for (const auto& anchor : anchors)
        out += to_text(anchor) + "\n";
    return out;
}

/// A mistyped tenant has no rows, which is not the same as rows that nobody changed.
void require_known(scai::db::Pool& pool, const std::optional<std::string>& tenant) {
    if (tenant && !audit::knows_tenant(pool, *tenant))
        throw Stop(exit_not_found,
                   "there is no tenant " + *tenant + ", neither in the directory copy nor in the trail");
}

/// What a comparison with `known` leaves open.
std::string not_compared(const audit::VerifyReport& report, const std::vector<audit::Anchor>& known) {
    if (known.empty())
        return " (an end that was cut off shows with --anchors only)";
    std::string out;
    for (const auto& chain : report.anchors)
        if (std::none_of(known.begin(), known.end(),
                         [&](const auto& anchor) { return anchor.tenant_id == chain.tenant_id; }))
            out += (out.empty() ? "" : ", ") + (chain.tenant_id.empty() ? "-" : chain.tenant_id);
    return out.empty() ? "" : " (no anchor was given for: " + out + ")";
}

std::string counted(std::int64_t count, const std::string& one) {
    return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

int verify(const Common& common, const AuditOptions& options) {
    const auto known =
        options.anchors_file.empty() ? std::vector<audit::Anchor>() : read_anchors(options.anchors_file);
    const auto settings = load_settings(common);
    std::optional<scai::db::Pool> database;
    auto& pool = open(database, settings);
    require_known(pool, options.only());
    const auto report = audit::verify(pool, options.only(), known);
    auto problems = Value::array();
    std::string text;
    for (const auto& problem : report.problems) {
        problems.push(Value::object(
            {{"tenant_id", problem.tenant_id}, {"seal", problem.seal}, {"problem", problem.what}}));
        text +=
            (problem.tenant_id.empty() ? std::string("-") : problem.tenant_id) + ": " + problem.what + "\n";
    }
    text += counted(report.rows, "row") + " in " + counted(report.seals, "seal") + ", " +
            counted(report.unsealed, "row") + " not sealed yet: " +
            (report.problems.empty() ? "nothing was changed" : "the trail was changed") +
            not_compared(report, known) + "\n";
    print(common,
          Value::object({{"seals", report.seals},
                         {"rows", report.rows},
                         {"unsealed", report.unsealed},
                         {"problems", problems},
                         {"anchors", to_json(report.anchors)}}),
          text);
    return report.problems.empty() ? scai::job::exit_ok : scai::job::exit_failure;
}

int anchor(const Common& common, const AuditOptions& options) {
    const auto settings = load_settings(common);
    std::optional<scai::db::Pool> database;
    auto& pool = open(database, settings);
    require_known(pool, options.only());
    const auto found = audit::anchors(pool, options.only());
    print(common, Value::object({{"anchors", to_json(found)}}), lines(found));
    return scai::job::exit_ok;
}

int retention(const Common& common, const AuditOptions& options) {
    const auto settings = load_settings(common);
    std::optional<scai::db::Pool> database;
    auto& pool = open(database, settings);
    require_known(pool, options.only());
    const auto tenant = *options.only();
    if (options.use_default)
        audit::set_retention(pool, tenant, std::nullopt);
    else if (options.years > 0)
        audit::set_retention(pool, tenant, options.years);
    const auto years = audit::retention_years(pool, tenant);
    print(common, Value::object({{"tenant_id", tenant}, {"years", years}}),
          options.tenant + " keeps its trail for " + counted(years, "year") + "\n");
    return scai::job::exit_ok;
}

scai::UtcTime time_of(const std::string& text, const char* name) {
    const auto time = scai::parse_iso8601(text);
    if (!time)
        throw Stop(exit_validation, std::string(name) + " must be an RFC 3339 time, 2026-05-01T00:00:00Z");
    return *time;
}

/// Files in a folder instead of a bucket. The trail says that the operator took it.
int write_files(const Common& common, const AuditOptions& options) {
    const scai::SystemClock clock;
    audit::Export row;
    row.id = audit::make_export_id();
    row.tenant_id = options.tenant == "-" ? "" : options.tenant;
    row.format = options.format;
    row.filter.from = time_of(options.from, "--from");
    row.filter.to = options.to.empty() ? clock.now() : time_of(options.to, "--to");
    const auto settings = load_settings(common);
    std::optional<scai::db::Pool> database;
    auto& pool = open(database, settings);
    require_known(pool, options.only());
    audit::Entry entry;
    entry.tenant_id = row.tenant_id;
    entry.action = "export_created";
    entry.identity_type = "system";
    entry.identity_id = "system:cli";
    entry.extra.set("export_id", row.id).set("from", options.from).set("destination", "file");
    audit::Journal(pool).append(entry);
    const auto sink = audit::file_sink(options.folder);
    const auto written = audit::write_export(pool, row, *sink, clock, [] { return false; });
    if (!written)
        throw Stop(scai::job::exit_failure, written.error().message);
    print(common, written->manifest,
          counted(written->records, "row") + " in " +
              counted(static_cast<std::int64_t>(written->manifest.get("files").size()), "file") + ": " +
              options.folder + "/" + row.id + "\n");
    return scai::job::exit_ok;
}

CLI::App* add(CLI::App& group, Common& common, Command& run, const std::string& name, const std::string& what,
              int (*work)(const Common&, const AuditOptions&), const std::shared_ptr<AuditOptions>& options) {
    auto* command = group.add_subcommand(name, what);
    add_common(*command, common);
    command->callback([&common, &run, work, options] {
        run = [&common, work, options] { return work(common, *options); };
    });
    return command;
}

} // namespace

void add_audit(CLI::App& app, Common& common, Command& run) {
    auto* group =
        app.add_subcommand("audit", "Read and verify the audit trail, print its anchors, set its retention");
    group->require_subcommand(1);
    group->footer(help + exit_codes("  1   the trail was changed\n  4   there is no such tenant\n"));
    const auto options = std::make_shared<AuditOptions>();
    auto* verify_command = add(*group, common, run, "verify",
                               "Find edits, deletions, insertions and reordering", verify, options);
    verify_command->add_option("--tenant", options->tenant, "of one tenant only; - for unrecognised callers");
    verify_command->add_option("--anchors", options->anchors_file,
                               "file with anchors printed before, - for standard input");
    auto* anchor_command = add(*group, common, run, "anchor",
                               "Print the newest seal of each chain, to be kept elsewhere", anchor, options);
    anchor_command->add_option("--tenant", options->tenant, "of one tenant only; - for unrecognised callers");
    auto* retention_command = add(*group, common, run, "retention",
                                  "Show or set how long the trail of a tenant is kept", retention, options);
    retention_command->add_option("tenant", options->tenant, "tenant id; - for unrecognised callers")
        ->required();
    auto* years = retention_command->add_option("--years", options->years, "keep for so many years")
                      ->check(CLI::Range(1, 100));
    retention_command->add_flag("--default", options->use_default, "back to the default of 7 years")
        ->excludes(years);
    auto* export_command =
        add(*group, common, run, "export", "Write the trail of a tenant to files", write_files, options);
    export_command->add_option("tenant", options->tenant, "tenant id; - for unrecognised callers")
        ->required();
    export_command->add_option("--from", options->from, "RFC 3339 time")->required();
    export_command->add_option("--to", options->to, "RFC 3339 time, not included. Default: now");
    export_command->add_option("--format", options->format, "jsonl or csv")
        ->check(CLI::IsMember({"jsonl", "csv"}))
        ->capture_default_str();
    export_command->add_option("--out", options->folder, "folder that exists")
        ->required()
        ->check(CLI::ExistingDirectory);
    add_audit_logs(*group, run);
}

} // namespace scaivault::cli
