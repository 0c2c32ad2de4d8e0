// scaivault secrets read: a value on standard output. SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaivault/commands.hpp"
#include "jobs/cli/scaivault/connection.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace scaivault::cli {

using scai::json::Value;

namespace {

struct ReadOptions {
    ConnectionOptions connection;
    std::string path, field;
    int version = 0;
};

int read(const ReadOptions& options) {
    Api api(options.connection);
    const auto answer = api.call(
        "GET", "/v1/secrets/" + path_segment(options.path) +
                   query({{"version", options.version == 0 ? "" : std::to_string(options.version)}}));
    const auto data = answer.json.get("data");
    if (!options.field.empty()) {
        const auto value = data.get(options.field);
        if (!value.present())
            throw Stop(exit_not_found, options.path + " has no field " + options.field);
        print(value.text().value_or(value.dump()));
        print("\n");
        return exit_ok;
    }
    if (options.connection.json) {
        print(answer.text.reveal());
        print("\n");
        return exit_ok;
    }
    std::vector<std::vector<std::string>> rows;
    data.each_member([&](std::string_view key, const Value& value) {
        rows.push_back({std::string(key), value.text().value_or(value.dump())});
    });
    print_table(rows);
    return exit_ok;
}

} // namespace

void add_secrets_read(CLI::App& secrets, Command& run) {
    auto* command = secrets.add_subcommand("read", "prints the fields of a secret");
    auto options = std::make_shared<ReadOptions>();
    add_connection_options(*command, options->connection);
    command->add_option("path", options->path, "path of the secret")->required();
    command->add_option("--version", options->version, "an older version")->check(CLI::Range(1, 2147483647));
    command->add_option("--field", options->field, "print the value of this field and nothing else");
    command->callback([&run, options] { run = [options] { return read(*options); }; });
}

} // namespace scaivault::cli
