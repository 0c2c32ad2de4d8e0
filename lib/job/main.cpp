// SPDX-License-Identifier: Apache-2.0
#include "lib/job/main.hpp"

#include "lib/db/migrate.hpp"
#include "lib/log/log.hpp"

#include <exception>
#include <iostream>
#include <unistd.h>

namespace scai::job {

namespace {

constexpr int pool_size = 2;

struct WrongSchema : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What stands in for an outcome, on stderr; nullopt when there is one to print.
std::optional<int> print_failure(const Options& options, const std::variant<Outcome, Locked>& result) {
    if (const auto* locked = std::get_if<Locked>(&result)) {
        if (options.json)
            std::cout << json::Value::object({{"locked_by", locked->holder}}).dump() << "\n";
        else
            std::cerr << "another run holds the lock: " << locked->holder << "\n";
        return exit_locked;
    }
    if (const auto& error = std::get<Outcome>(result).error; !error.empty())
        std::cerr << error << "\n";
    return std::nullopt;
}

/// As a person reads it: {"added":1,"updated":0} is "added 1, updated 0".
std::string words(const json::Value& value) {
    if (!value.is_object())
        return value.text().value_or(value.dump());
    std::string out;
    value.each_member([&](std::string_view key, const json::Value& member) {
        out += (out.empty() ? "" : ", ") + std::string(key) + " " + words(member);
    });
    return out;
}

} // namespace

std::string schema_problem(db::Pool& pool, const Product& product) {
    int there = 0;
    try {
        there = db::schema_version(pool, std::string(product.name));
    } catch (const db::Unavailable& error) {
        const std::string fix = ": run " + std::string(product.migrate_command);
        if (error.sqlstate() == "22023") // no such role: a cluster that never saw a migration
            return "the database has no roles of " + std::string(product.name) + fix;
        if (error.sqlstate() == "42501")
            return "the login of DATABASE_URL is not a member of the roles of " + std::string(product.name) +
                   fix;
        throw;
    }
    if (there == product.schema_version)
        return "";
    return "the database schema is at version " + std::to_string(there) + ", this program knows version " +
           std::to_string(product.schema_version) +
           (there < product.schema_version ? ": run " + std::string(product.migrate_command)
                                           : ": install the newer program");
}

int main(CommandLine& command, int argc, char** argv,
         const std::function<int(const config::Settings&)>& work) {
    if (const auto code = command.parse(argc, argv))
        return *code;
    const Product& product = command.product();
    const std::string& env_file = command.options().env_file;
    const auto fail = [&](const std::string& why, int code) {
        std::cerr << command.name() << ": " << why << "\n";
        return code;
    };
    auto settings = config::Settings::load(product.settings, product.source,
                                           env_file.empty() ? std::nullopt : std::optional(env_file));
    if (!settings)
        return fail(settings.error().message, exit_config);
    log::configure(command.name(), settings->text(product.log_level));
    try {
        static_cast<void>(product.pool_settings(*settings, ""));
    } catch (const std::runtime_error& error) {
        return fail(error.what(), exit_config);
    }
    try {
        return work(*settings);
    } catch (const db::Unavailable&) {
        return fail("the database cannot be reached: is PostgreSQL running, and does DATABASE_URL say where?",
                    exit_unavailable);
    } catch (const WrongSchema& error) {
        return fail(error.what(), exit_config);
    } catch (const std::exception& error) {
        return fail(error.what(), exit_software);
    }
}

int main(CommandLine& command, int argc, char** argv,
         const std::function<int(const config::Settings&, db::Pool&)>& work) {
    return main(command, argc, argv, [&](const config::Settings& settings) {
        const Product& product = command.product();
        auto database = product.pool_settings(settings, "jobs");
        database.size = pool_size;
        database.statement_timeout = std::chrono::milliseconds{0};
        db::Pool pool(database);
        if (const auto problem = schema_problem(pool, product); !problem.empty())
            throw WrongSchema(problem);
        return work(settings, pool);
    });
}

void print_counters(const Options& options, const json::Value& counters) {
    if (options.json) {
        std::cout << counters.dump() << "\n";
        return;
    }
    counters.each_member([](std::string_view key, const json::Value& value) {
        if (!value.is_array()) {
            std::cout << key << " " << words(value) << "\n";
            return;
        }
        if (value.size() > 0)
            std::cout << key << "\n";
        value.each_item([](const json::Value& item) { std::cout << "  " << words(item) << "\n"; });
    });
}

int print_outcome(const Options& options, const std::variant<Outcome, Locked>& result) {
    if (const auto code = print_failure(options, result))
        return *code;
    const auto& outcome = std::get<Outcome>(result);
    print_counters(options, outcome.counters);
    return outcome.exit_code;
}

int print_outcome(const Options& options, const std::variant<Outcome, Locked>& result,
                  const json::Value& object, const std::string& text) {
    if (const auto code = print_failure(options, result))
        return *code;
    const auto& outcome = std::get<Outcome>(result);
    if (outcome.exit_code == exit_ok)
        std::cout << (options.json ? object.dump() + "\n" : text);
    return outcome.exit_code;
}

std::string_view trigger() {
    return isatty(STDOUT_FILENO) == 1 ? "manual" : "cron";
}

} // namespace scai::job
