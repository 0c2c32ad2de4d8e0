// scaiflow-admin doctor. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/doctor/doctor.hpp"

#include "jobs/cli/scaiflow-admin/program.hpp"
#include "lib/job/job.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace scaiflow::cli {

namespace {

using doctor::Level;
using scai::json::Value;

const char* word(Level level, bool upper) {
    switch (level) {
    case Level::ok:
        return upper ? "OK  " : "ok";
    case Level::warn:
        return upper ? "WARN" : "warn";
    case Level::fail:
        break;
    }
    return upper ? "FAIL" : "fail";
}

int examine(const Common& common) {
    scai::config::Settings settings = [&] {
        try {
            return load_settings(common);
        } catch (const Stop& stop) {
            const Value check = Value::object({{"name", "settings"},
                                               {"level", "fail"},
                                               {"text", stop.what()},
                                               {"fix", "correct the settings"}});
            print(common, Value::object({{"healthy", false}, {"checks", Value::array({check})}}),
                  std::string("FAIL  settings            ") + stop.what() + "\n");
            throw Stop(stop.code(), "bad settings: nothing else was checked");
        }
    }();
    scai::http::CurlClient http;
    const scai::SystemClock clock;
    const auto checks = doctor::examine(settings, http, clock);
    Value array = Value::array();
    std::string text;
    for (const auto& check : checks) {
        array.push(Value::object({{"name", check.name},
                                  {"level", word(check.level, false)},
                                  {"text", check.text},
                                  {"fix", check.fix.empty() ? Value(nullptr) : Value(check.fix)}}));
        text += std::string(word(check.level, true)) + "  " + check.name +
                std::string(20 - std::min<std::size_t>(19, check.name.size()), ' ') + check.text +
                (check.fix.empty() ? "" : "  -> " + check.fix) + "\n";
    }
    const bool healthy =
        std::none_of(checks.begin(), checks.end(), [](const auto& c) { return c.level == Level::fail; });
    print(common, Value::object({{"healthy", healthy}, {"checks", array}}), text);
    return healthy ? 0 : scai::job::exit_failure;
}

} // namespace

void add_doctor(CLI::App& app, Common& common, Command& run) {
    auto* command =
        app.add_subcommand("doctor", "Check settings, database, ScaiKey, credentials, clock and sweeps");
    add_common(*command, common);
    command->footer("One line for each check: OK, WARN or FAIL, what was found, and after -> what to do. "
                    "Changes nothing; asks\n"
                    "ScaiKey for a token and a few small pages. WARN does not count as sick.\n\n"
                    "Examples:\n"
                    "  scaiflow-admin doctor\n"
                    "  scaiflow-admin doctor --json | jq -r '.checks[] | select(.level != \"ok\")'\n\n"
                    "Exit codes:\n  0   no check failed\n  1   at least one check failed\n  64  wrong usage\n"
                    "  78  the settings cannot be read\n");
    command->callback([&common, &run] { run = [&common] { return examine(common); }; });
}

} // namespace scaiflow::cli
