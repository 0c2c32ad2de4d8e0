// main() of a job, the same for every product: options, settings, schema check, errors, output.
//
//   int main(int argc, char** argv) {
//       CLI::App app{"Removes expired sessions.", "scaikey-job-purge"};
//       scai::job::Options options;
//       scai::job::add_options(app, options, scaikey::job_product());
//       return scai::job::main(app, options, scaikey::job_product(), argc, argv, [&](auto& settings, auto&
//       pool) { ... });
//   }
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/settings.hpp"
#include "lib/db/db.hpp"
#include "lib/job/job.hpp"
#include "lib/json/value.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace scai::job {

/// What a product says about itself, once.
struct Product {
    std::string_view name; ///< schema and prefix: "scaikey"
    std::span<const config::Setting> settings;
    config::Source source;
    std::string_view log_level; ///< name of the setting
    /// libpq settings of a process type; throws std::runtime_error when no database is set.
    db::PoolSettings (*pool_settings)(const config::Settings&, const std::string& group);
    int schema_version;               ///< newest migration the program knows
    std::string_view migrate_command; ///< "scaikey-job-migrate"
};

struct Options {
    std::string env_file;
    bool json = false;
    bool dry_run = false;
};

/// --env-file, --json, --dry-run, --version.
void add_options(CLI::App& app, Options& options, const Product& product);

/// nullopt: go on; else the exit code, help and complaints printed.
std::optional<int> parse(CLI::App& app, int argc, char** argv);
/// "" when the schema has the version the program knows; else what to do about it.
std::string schema_problem(db::Pool& pool, const Product& product);

/// Parses, reads the settings and calls `work`, whatever state the schema is in. Bad
/// settings are 78, an unreachable database 69, anything else 70, each with one line on stderr that names no
/// secret.
int main(CLI::App& app, Options& options, const Product& product, int argc, char** argv,
         const std::function<int(const config::Settings&)>& work);
/// The same with a pool of the role <product>_jobs without statement timeout, on a schema of the program's
/// own version (78 otherwise).
int main(CLI::App& app, Options& options, const Product& product, int argc, char** argv,
         const std::function<int(const config::Settings&, db::Pool&)>& work);

/// One JSON object, or "key value" lines for people.
void print_counters(const Options& options, const json::Value& counters);
/// Prints an outcome or who holds the lock; returns the exit code.
int print_outcome(const Options& options, const std::variant<Outcome, Locked>& result);
/// The same for a job that has words of its own for people, or an object of its own for --json.
int print_outcome(const Options& options, const std::variant<Outcome, Locked>& result,
                  const json::Value& object, const std::string& text);
/// "manual" at a terminal, "cron" else.
std::string_view trigger();

} // namespace scai::job
