// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/app/job_main.hpp"

#include "lib/db/db.hpp"
#include "lib/log/log.hpp"
#include "lib/scaikey/app/settings.hpp"

#include <exception>
#include <iostream>
#include <variant>

namespace scaikey {

using scai::json::Value;

void add_job_options(CLI::App& app, JobOptions& options) {
    app.add_option("--env-file", options.env_file,
                   "settings file (default: $SCAIKEY_ENV_FILE, /etc/scai/scaikey.env, ./.env)");
    app.add_flag("--json", options.json, "print one JSON object");
    app.add_flag("--dry-run", options.dry_run, "say what would be done, change nothing");
    app.set_version_flag("--version", SCAI_VERSION);
}

int job_main(CLI::App& app, JobOptions& options, int argc, char** argv,
             const std::function<int(const scai::config::Settings&)>& work) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? scai::job::exit_ok : scai::job::exit_usage;
    }
    const auto fail = [&](const std::string& why, int code) {
        std::cerr << app.get_name() << ": " << why << "\n";
        return code;
    };
    auto settings = scai::config::Settings::load(settings_table, settings_source,
                                                 options.env_file.empty() ? std::nullopt
                                                                          : std::optional(options.env_file));
    if (!settings)
        return fail(settings.error().message, scai::job::exit_config);
    scai::log::configure(app.get_name(), settings->text("SCAIKEY_LOG_LEVEL"));
    if (!settings->has("DATABASE_URL"))
        return fail("DATABASE_URL is not set", scai::job::exit_config);
    try {
        return work(*settings);
    } catch (const scai::db::Unavailable&) {
        return fail("the database cannot be reached", scai::job::exit_unavailable);
    } catch (const std::exception& error) {
        return fail(error.what(), scai::job::exit_software);
    }
}

void print_counters(const JobOptions& options, const Value& counters) {
    if (options.json) {
        std::cout << counters.dump() << "\n";
        return;
    }
    counters.each_member([](std::string_view key, const Value& value) {
        std::cout << key << " " << value.text().value_or(value.dump()) << "\n";
    });
}

int print_outcome(const JobOptions& options,
                  const std::variant<scai::job::Outcome, scai::job::Locked>& result) {
    if (const auto* locked = std::get_if<scai::job::Locked>(&result)) {
        if (options.json)
            std::cout << Value::object({{"locked_by", locked->holder}}).dump() << "\n";
        else
            std::cerr << "another run holds the lock: " << locked->holder << "\n";
        return scai::job::exit_locked;
    }
    const auto& outcome = std::get<scai::job::Outcome>(result);
    if (!outcome.error.empty())
        std::cerr << outcome.error << "\n";
    print_counters(options, outcome.counters);
    return outcome.exit_code;
}

} // namespace scaikey
