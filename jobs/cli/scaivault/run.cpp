// scaivault run: a program with secrets in its environment, which neither a file nor an argument ever held.
// SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaivault/commands.hpp"
#include "jobs/cli/scaivault/fetch.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <unistd.h>

namespace scaivault::cli {

using scai::json::Value;

namespace {

struct RunOptions {
    ConnectionOptions connection;
    std::vector<std::string> env, from, command;
    bool keep_token = false;
};

struct Wanted {
    std::string variable, path, field; ///< field "" = every field, each as a variable of its own
};

bool valid_variable(const std::string& name) {
    return !name.empty() && (name.front() < '0' || name.front() > '9') &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
}

/// "DB_PASSWORD=apps/demo/login#pass".
Wanted parse_env(const std::string& text) {
    const auto equals = text.find('=');
    const auto hash = text.find('#', equals == std::string::npos ? 0 : equals);
    if (equals == std::string::npos || hash == std::string::npos || hash + 1 == text.size())
        throw Stop(exit_validation, "--env is NAME=PATH#FIELD, not \"" + text + "\"");
    Wanted out{text.substr(0, equals), text.substr(equals + 1, hash - equals - 1), text.substr(hash + 1)};
    if (!valid_variable(out.variable))
        throw Stop(exit_validation, "\"" + out.variable + "\" is no name of an environment variable");
    return out;
}

std::string variable_of(std::string_view field) {
    std::string out(field);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        if (c >= 'a' && c <= 'z')
            return static_cast<char>(c - 'a' + 'A');
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
    });
    return out;
}

void put(const std::string& name, const Value& value) {
    if (!valid_variable(name))
        throw Stop(exit_validation, "\"" + name + "\" is no name of an environment variable");
    const auto text = value.text().value_or(value.dump());
    if (::setenv(name.c_str(), text.c_str(), 1) != 0) // NOLINT(concurrency-mt-unsafe): one thread
        throw Stop(exit_general, "the environment is full");
}

int run_command(const RunOptions& options) {
    if (options.command.empty())
        throw Stop(exit_validation, "name the program to run after --");
    std::vector<Wanted> wanted;
    for (const auto& text : options.env)
        wanted.push_back(parse_env(text));
    for (const auto& path : options.from)
        wanted.push_back({"", path, ""});
    if (wanted.empty())
        throw Stop(exit_validation,
                   "nothing to put into the environment: use --env NAME=PATH#FIELD or --from PATH");
    std::set<std::string> paths;
    for (const auto& one : wanted)
        paths.insert(one.path);
    Api api(options.connection);
    const auto secrets = fetch_all(api, paths);
    for (const auto& one : wanted) {
        const auto& data = secrets.at(one.path);
        if (one.field.empty()) {
            data.each_member(
                [](std::string_view field, const Value& value) { put(variable_of(field), value); });
            continue;
        }
        const auto value = data.get(one.field);
        if (!value.present())
            throw Stop(exit_not_found, one.path + " has no field " + one.field);
        put(one.variable, value);
    }
    if (!options.keep_token)
        ::unsetenv("SCAIVAULT_TOKEN"); // NOLINT(concurrency-mt-unsafe): one thread
    std::vector<char*> arguments;
    for (const auto& argument : options.command)
        arguments.push_back(
            const_cast<char*>(argument.c_str())); // NOLINT(cppcoreguidelines-pro-type-const-cast): execvp
    arguments.push_back(nullptr);
    ::execvp(arguments.front(), arguments.data());
    const int why = errno;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
    throw Stop(why == ENOENT ? 127 : 126,
               "cannot run " + options.command.front() + ": " + std::strerror(why));
}

} // namespace

void add_run(CLI::App& app, Command& run) {
    auto* command = app.add_subcommand("run", "runs a program with secrets in its environment");
    auto options = std::make_shared<RunOptions>();
    add_connection_options(*command, options->connection);
    command->add_option("--env", options->env, "NAME=PATH#FIELD; may be repeated")->allow_extra_args(false);
    command
        ->add_option("--from", options->from,
                     "every field of PATH as a variable, in upper case; may be repeated")
        ->allow_extra_args(false);
    command->add_flag("--keep-token", options->keep_token,
                      "leave SCAIVAULT_TOKEN in the program's environment");
    command->add_option("command", options->command, "program and arguments, after --");
    command->footer(
        std::string("Example: scaivault run --env DB_PASSWORD=apps/demo/login#pass -- ./server --port 80\n"
                    "The program's exit status is passed on; 126 and 127 when it cannot be run.\n") +
        exit_help);
    command->callback([&run, options] { run = [options] { return run_command(*options); }; });
}

} // namespace scaivault::cli
