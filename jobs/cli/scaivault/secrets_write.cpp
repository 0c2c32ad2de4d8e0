// scaivault secrets write: a new version from files, standard input or prompts. Values are not taken from
// arguments unless one insists: every user of the machine can read those, and the shell keeps them.
// SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaivault/commands.hpp"
#include "jobs/cli/scaivault/connection.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace scaivault::cli {

using scai::json::Value;

namespace {

struct WriteOptions {
    ConnectionOptions connection;
    std::string path, type, json_file, expires_in, generate_from, description;
    std::vector<std::string> fields, tags;
    int cas = -1;
    bool literal = false;
};

std::string_view without_line_end(std::string_view text) {
    if (text.ends_with('\n'))
        text.remove_suffix(1);
    if (text.ends_with('\r'))
        text.remove_suffix(1);
    return text;
}

/// "user=@file", "pass=-", "pass" (asked for), "user=svc" with --literal.
void add_field(Value& data, const std::string& argument, bool literal, bool& stdin_used) {
    const auto equals = argument.find('=');
    const auto name = argument.substr(0, equals);
    const auto value = equals == std::string::npos ? std::string() : argument.substr(equals + 1);
    if (name.empty())
        throw Stop(exit_validation, "a field is NAME, NAME=-, NAME=@FILE, or NAME=VALUE with --literal");
    if (data.get(name).present())
        throw Stop(exit_validation, "the field " + name + " is given twice");
    if (equals == std::string::npos) {
        data.set(name, read_secret_input("", name).reveal());
    } else if (value == "-") {
        if (std::exchange(stdin_used, true))
            throw Stop(exit_validation, "standard input can be the value of one field only");
        data.set(name, without_line_end(read_secret_input("-", name).reveal()));
    } else if (value.starts_with('@')) {
        data.set(name, without_line_end(read_secret_input(value.substr(1), name).reveal()));
    } else if (literal) {
        data.set(name, value);
    } else {
        throw Stop(exit_validation,
                   "the value of " + name +
                       " would be seen in the list of processes and in the shell's history: use " + name +
                       " (asks), " + name + "=- or " + name + "=@FILE; --literal takes it as it is");
    }
}

Value data_of(const WriteOptions& options) {
    if (!options.json_file.empty()) {
        const auto text = read_secret_input(options.json_file, "the JSON object");
        auto parsed = scai::json::parse(text.reveal());
        if (!parsed || !parsed->is_object())
            throw Stop(exit_validation, options.json_file + " holds no JSON object");
        return std::move(*parsed);
    }
    auto data = Value::object();
    bool stdin_used = false;
    for (const auto& field : options.fields)
        add_field(data, field, options.literal, stdin_used);
    return data;
}

int write(const WriteOptions& options) {
    const bool generated = !options.generate_from.empty();
    if (generated ? !options.fields.empty() || !options.json_file.empty()
                  : options.fields.empty() == options.json_file.empty())
        throw Stop(exit_validation, "give fields, or --json-file, or --generate-from");
    auto body = Value::object();
    if (generated)
        body.set("generate_from", options.generate_from);
    else
        body.set("data", data_of(options));
    if (!options.type.empty())
        body.set("secret_type", options.type);
    auto metadata = Value::object();
    if (!options.description.empty())
        metadata.set("description", options.description);
    if (!options.tags.empty())
        metadata.set("tags", Value::array_of(options.tags));
    if (metadata.size() > 0)
        body.set("metadata", metadata);
    auto wishes = Value::object();
    if (!options.expires_in.empty())
        wishes.set("expires_in", options.expires_in);
    if (options.cas >= 0)
        wishes.set("cas", options.cas);
    if (wishes.size() > 0)
        body.set("options", wishes);
    Api api(options.connection);
    auto text = body.dump();
    const auto answer = api.call("PUT", "/v1/secrets/" + path_segment(options.path), text);
    explicit_bzero(text.data(), text.size());
    if (options.connection.json)
        print(answer.json.dump_pretty() + "\n");
    else
        print("wrote version " + answer.json.get("version").dump() + " of " + options.path + "\n");
    return exit_ok;
}

} // namespace

void add_secrets_write(CLI::App& secrets, Command& run) {
    auto* command = secrets.add_subcommand("write", "writes a new version");
    auto options = std::make_shared<WriteOptions>();
    add_connection_options(*command, options->connection);
    command->add_option("path", options->path, "path of the secret")->required();
    command->add_option(
        "fields", options->fields,
        "NAME (asks for the value), NAME=- (standard input), NAME=@FILE; NAME=VALUE with --literal");
    command->add_option("--json-file", options->json_file,
                        "a JSON object with the fields, - for standard input");
    command->add_option("--type", options->type, "kv, json, certificate, ssh_key or api_key");
    command->add_option("--description", options->description);
    command->add_option("--tag", options->tags, "may be repeated");
    command->add_option("--expires-in", options->expires_in, "such as 90d");
    command->add_option("--generate-from", options->generate_from,
                        "secret policy that makes the value; it is not shown");
    command
        ->add_option("--cas", options->cas,
                     "only when this is the current version; 0 = only when there is none")
        ->check(CLI::Range(0, 2147483647));
    command->add_flag("--literal", options->literal,
                      "take NAME=VALUE, visible to other users of this machine");
    command->callback([&run, options] { run = [options] { return write(*options); }; });
}

} // namespace scaivault::cli
