// scaivault auth: the token, and who it says one is. SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaivault/commands.hpp"
#include "jobs/cli/scaivault/connection.hpp"

#include "lib/base/strings.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <memory>

namespace scaivault::cli {

using scai::json::Value;

namespace {

struct AuthOptions {
    ConnectionOptions connection;
    std::string token_file;
    std::string token; ///< only to be refused
};

std::string joined(const Value& list) {
    std::string out;
    list.each_item([&](const Value& item) { out += (out.empty() ? "" : " ") + item.text_or(""); });
    return out;
}

int whoami(const ConnectionOptions& options) {
    Api api(options);
    const auto answer = api.call("GET", "/v1/auth/whoami");
    if (options.json) {
        print(answer.json.dump_pretty() + "\n");
        return exit_ok;
    }
    print_table({{"identity", answer.json.member("identity_id")},
                 {"tenant", answer.json.member("tenant_id")},
                 {"partner", answer.json.member("partner_id")},
                 {"scopes", joined(answer.json.get("scopes"))},
                 {"groups", joined(answer.json.get("groups"))},
                 {"roles", joined(answer.json.get("roles"))},
                 {"token expires", answer.json.member("token_expires_at")}});
    return exit_ok;
}

int login(const AuthOptions& options) {
    if (!options.token.empty())
        throw Stop(exit_validation,
                   "the token would be seen in the list of processes and in the shell's history: use "
                   "--token without it (asks), or --token-file FILE");
    const auto token = read_secret_input(options.token_file, "token");
    const auto trimmed = scai::trim(token.reveal());
    if (trimmed.empty())
        throw Stop(exit_validation, "the token is empty");
    // What is saved must work: asked before, not after.
    ::setenv("SCAIVAULT_TOKEN", std::string(trimmed).c_str(), 1); // NOLINT(concurrency-mt-unsafe): one thread
    Api api(options.connection);
    const auto answer = api.call("GET", "/v1/auth/whoami");
    auto config = load_config();
    config.token = scai::SecretText(trimmed);
    if (!options.connection.url.empty())
        config.base_url = options.connection.url;
    save_config(config);
    print("signed in as " + answer.json.member("identity_id") + "\n");
    return exit_ok;
}

} // namespace

void add_auth(CLI::App& app, Command& run) {
    auto* command = app.add_subcommand("auth", "the token, and who it says one is");
    command->require_subcommand(1);
    command->footer(exit_help);
    auto options = std::make_shared<AuthOptions>();
    auto* login_command = command->add_subcommand(
        "login", "checks a token and remembers it (mode 0600); asks for it unless --token-file is given");
    add_connection_options(*login_command, options->connection);
    login_command->add_option("--token-file", options->token_file,
                              "file with the token, - for standard input");
    // `auth login --token` is the documented spelling; the token itself is never an argument.
    login_command->add_option("--token", options->token, "ask for the token (what happens anyway)")
        ->expected(0, 1)
        ->type_name("");
    login_command->callback([&run, options] { run = [options] { return login(*options); }; });
    auto* logout_command = command->add_subcommand("logout", "forgets the token");
    logout_command->callback([&run] {
        run = [] {
            auto config = load_config();
            config.token = {};
            save_config(config);
            return exit_ok;
        };
    });
    auto* whoami_command = command->add_subcommand("whoami", "identity, tenant, scopes, groups and roles");
    add_connection_options(*whoami_command, options->connection);
    whoami_command->callback([&run, options] { run = [options] { return whoami(options->connection); }; });
}

} // namespace scaivault::cli
