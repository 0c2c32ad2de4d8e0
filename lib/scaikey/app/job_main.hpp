// What the jobs of the embedded ScaiKey share: options, settings, errors, output. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/config/settings.hpp"
#include "lib/job/job.hpp"
#include "lib/json/value.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <string>

namespace scaikey {

struct JobOptions {
    std::string env_file;
    bool json = false;
    bool dry_run = false;
};

/// --env-file, --json, --dry-run, --version.
void add_job_options(CLI::App& app, JobOptions& options);

/// Parses, reads the settings, runs `work`; bad settings are 78, an unreachable database 69, anything else
/// 70, each with one line on stderr that names no secret.
int job_main(CLI::App& app, JobOptions& options, int argc, char** argv,
             const std::function<int(const scai::config::Settings&)>& work);

/// One JSON object, or "key value" lines for people.
void print_counters(const JobOptions& options, const scai::json::Value& counters);
/// Prints an outcome or who holds the lock; returns the exit code.
int print_outcome(const JobOptions& options,
                  const std::variant<scai::job::Outcome, scai::job::Locked>& result);

} // namespace scaikey
