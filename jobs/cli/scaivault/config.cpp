// scaivault config: what the client commands remember. SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaivault/commands.hpp"
#include "jobs/cli/scaivault/connection.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace scaivault::cli {

namespace {

struct ConfigOptions {
    std::string name, value;
};

std::string& member_of(Config& config, const std::string& name) {
    if (name == "base_url")
        return config.base_url;
    if (name == "tenant_id")
        return config.tenant_id;
    return config.partner_id;
}

int set(const ConfigOptions& options) {
    if (options.name == "base_url" && scai::http::origin_of(options.value).empty())
        throw Stop(exit_validation, "base_url must be an http or https URL");
    auto config = load_config();
    member_of(config, options.name) = options.value;
    save_config(config);
    return exit_ok;
}

int show_settings() {
    const auto config = load_config();
    print_table({{"file", config_file()},
                 {"base_url", config.base_url},
                 {"tenant_id", config.tenant_id},
                 {"partner_id", config.partner_id},
                 {"token", config.token.empty() ? "none" : "saved"}});
    return exit_ok;
}

} // namespace

void add_config(CLI::App& app, Command& run) {
    auto* command =
        app.add_subcommand("config", "what the client commands remember in ~/.scaivault/config.json");
    command->require_subcommand(1);
    auto options = std::make_shared<ConfigOptions>();
    const auto names = CLI::IsMember({"base_url", "tenant_id", "partner_id"});
    auto* set_command = command->add_subcommand("set", "remember base_url, tenant_id or partner_id");
    set_command->add_option("name", options->name)->required()->check(names);
    set_command->add_option("value", options->value)->required();
    set_command->callback([&run, options] { run = [options] { return set(*options); }; });
    auto* unset = command->add_subcommand("unset", "forget it");
    unset->add_option("name", options->name)->required()->check(names);
    unset->callback([&run, options] {
        run = [options] {
            auto config = load_config();
            member_of(config, options->name).clear();
            save_config(config);
            return exit_ok;
        };
    });
    auto* show_command = command->add_subcommand("show", "what is remembered; never the token itself");
    show_command->callback([&run] { run = show_settings; });
}

} // namespace scaivault::cli
