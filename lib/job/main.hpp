// main() of a job, the same for every product: options, settings, schema check, errors, output.
//
//   int main(int argc, char** argv) {
//       scai::job::Options options;
//       scai::job::CommandLine command("Removes expired sessions.", "scaikey-job-purge", options,
//                                      scaikey::job_product());
//       return scai::job::main(command, argc, argv, [&](auto& settings, auto& pool) { ... });
//   }
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/job/command_line.hpp"
#include "lib/job/job.hpp"
#include "lib/json/value.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <variant>

namespace scai::job {

/// "" when the schema has the version the program knows; else what to do about it.
std::string schema_problem(db::Pool& pool, const Product& product);

/// Parses, reads the settings and calls `work`, whatever state the schema is in. Bad
/// settings are 78, an unreachable database 69, anything else 70, each with one line on stderr that names no
/// secret.
int main(CommandLine& command, int argc, char** argv,
         const std::function<int(const config::Settings&)>& work);
/// The same with a pool of the role <product>_jobs without statement timeout, on a schema of the program's
/// own version (78 otherwise).
int main(CommandLine& command, int argc, char** argv,
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
