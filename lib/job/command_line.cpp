// SPDX-License-Identifier: Apache-2.0
#include "lib/job/command_line.hpp"

#include "lib/job/job.hpp"

#include <CLI/CLI.hpp>

#include <utility>

namespace scai::job {

struct CommandLine::Parser {
    CLI::App app;

    template<typename Integer>
    void number(const std::string& name, Integer& into, const std::string& help, Range range) {
        auto* option = app.add_option(name, into, help)->check(CLI::Range(range.min, range.max));
        if (into >= range.min && into <= range.max)
            option->capture_default_str();
    }
};

CommandLine::CommandLine(const std::string& description, std::string name, Options& options,
                         const Product& product)
    : name_(std::move(name)), options_(options), product_(product),
      parser_(new Parser{CLI::App(description, name_)}) {
    text("--env-file", options.env_file,
         "settings file; else $" + std::string(product.source.env_file_variable) + ", /etc/scai/" +
             std::string(product.source.product) + ".env, ./.env. The environment wins");
    flag("--json", options.json, "print one JSON object");
    flag("--dry-run", options.dry_run, "say what would be done, change nothing");
    parser_->app.set_version_flag("--version", name_ + " " + SCAI_VERSION);
}

CommandLine::~CommandLine() = default;

void CommandLine::flag(const std::string& name, bool& into, const std::string& help) {
    parser_->app.add_flag(name, into, help);
}

void CommandLine::text(const std::string& name, std::string& into, const std::string& help,
                       const std::vector<std::string>& choices) {
    auto* option = parser_->app.add_option(name, into, help);
    option->check(
        [](const std::string& given) { return std::string(given.empty() ? "must not be empty" : ""); });
    if (!choices.empty())
        option->check(CLI::IsMember(choices));
}

void CommandLine::number(const std::string& name, std::int64_t& into, const std::string& help, Range range) {
    parser_->number(name, into, help, range);
}

void CommandLine::number(const std::string& name, int& into, const std::string& help, Range range) {
    parser_->number(name, into, help, range);
}

void CommandLine::watch(Watch& into) {
    number("--watch", into.every_seconds, "look again every so many seconds instead of once", {1, 3600});
    number("--for", into.for_seconds, "end after so many seconds", {1, 86400});
}

void CommandLine::footer(const std::string& text) {
    parser_->app.footer(text);
}

std::optional<int> CommandLine::parse(int argc, char** argv) {
    try {
        parser_->app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return parser_->app.exit(error) == 0 ? exit_ok : exit_usage;
    }
    return std::nullopt;
}

} // namespace scai::job
