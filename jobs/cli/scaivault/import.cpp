// scaivault import: secrets from a .env file or from an export of HashiCorp Vault's KV engine.
// SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaivault/commands.hpp"
#include "jobs/cli/scaivault/connection.hpp"

#include "lib/config/settings.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>
#include <memory>

namespace scaivault::cli {

using scai::json::Value;

namespace {

constexpr const char* kv_help =
    R"(FILE holds JSON: what `vault kv get -format=json PATH` prints (name the path with --path), or an object of secrets by
path, flat ({"secret/app/db": {"user": "x"}}) or nested ({"app": {"db": {"user": "x"}}}); an object without objects
inside is one secret. Letters a path cannot have become lower case or -, and two secrets that would end up at one path
are refused before anything is written.
)";

struct ImportOptions {
    ConnectionOptions connection;
    std::string file, path, prefix;
    bool overwrite = false, dry_run = false;
};

using Secrets = std::map<std::string, Value>; ///< path -> data

std::string path_of(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool upper = c >= 'A' && c <= 'Z';
        const char lower = upper ? static_cast<char>(c - 'A' + 'a') : c;
        const bool good =
            (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '/';
        if (c == '/' && (out.empty() || out.back() == '/'))
            continue;
        out += good ? lower : '-';
    }
    while (out.ends_with('/'))
        out.pop_back();
    return out;
}

void add(Secrets& secrets, const std::string& prefix, const std::string& name, Value data) {
    const auto path = path_of(prefix + "/" + name);
    if (!secrets.emplace(path_segment(path), std::move(data)).second)
        throw Stop(exit_validation, "two secrets would end up at " + path + ": give them different names");
}

Secrets from_env(const ImportOptions& options) {
    const auto text = read_secret_input(options.file, "the .env file");
    auto parsed = scai::config::parse_env_file(text.reveal());
    if (!parsed)
        throw Stop(exit_validation, options.file + ": " + parsed.error().message);
    Secrets out;
    auto together = Value::object();
    for (const auto& [name, value] : *parsed) {
        if (options.path.empty())
            add(out, options.prefix, name, Value::object({{"value", value}}));
        else
            together.set(name, value);
    }
    if (!options.path.empty())
        add(out, "", options.path, together);
    return out;
}

bool is_leaf(const Value& object) {
    bool leaf = object.size() > 0;
    object.each_member([&](std::string_view, const Value& value) { leaf = leaf && !value.is_object(); });
    return leaf;
}

void walk(Secrets& out, const std::string& prefix, const std::string& path, const Value& value) {
    if (!value.is_object())
        throw Stop(exit_validation, "\"" + path + "\" is neither a secret nor a folder of secrets");
    const auto version = value.get("data");
    const bool kv2 = version.is_object() && value.get("metadata").is_object() && value.size() == 2;
    if (kv2 || is_leaf(value)) {
        add(out, prefix, path, kv2 ? version : value);
        return;
    }
    value.each_member([&](std::string_view name, const Value& inner) {
        walk(out, prefix, path.empty() ? std::string(name) : path + "/" + std::string(name), inner);
    });
}

Secrets from_kv(const ImportOptions& options) {
    const auto text = read_secret_input(options.file, "the export");
    const auto parsed = scai::json::parse(text.reveal());
    if (!parsed || !parsed->is_object())
        throw Stop(exit_validation, options.file + " holds no JSON object");
    Secrets out;
    const bool answer = parsed->get("request_id").is_string() && parsed->get("data").is_object();
    if (answer) {
        if (options.path.empty())
            throw Stop(exit_validation,
                       options.file + " is one secret and does not say its path: use --path");
        walk(out, options.prefix, options.path, parsed->get("data"));
    } else {
        walk(out, options.prefix, options.path, *parsed);
    }
    return out;
}

/// Whether it was written; says itself what became of it.
bool put(Api& api, const ImportOptions& options, const std::string& path, const Value& data) {
    auto body = Value::object({{"data", data}});
    if (!options.overwrite)
        body.set("options", Value::object({{"cas", 0}}));
    auto text = body.dump();
    try {
        const auto answer = api.call("PUT", "/v1/secrets/" + path, text);
        explicit_bzero(text.data(), text.size());
        print("wrote version " + answer.json.get("version").dump() + " of " + path + "\n");
        return true;
    } catch (const Stop& stop) {
        explicit_bzero(text.data(), text.size());
        if (stop.code() == exit_auth || stop.code() == exit_general)
            throw; // the next one would fail the same way
        std::fprintf(stderr, "scaivault: %s: %s\n", path.c_str(), stop.what());
        return false;
    }
}

int import(const ImportOptions& options, Secrets (*read)(const ImportOptions&)) {
    const auto secrets = read(options);
    if (options.dry_run) {
        for (const auto& [path, data] : secrets) {
            std::string fields;
            data.each_member(
                [&](std::string_view field, const Value&) { fields += " " + std::string(field); });
            print(path + ":" + fields + "\n");
        }
        return exit_ok;
    }
    Api api(options.connection);
    std::size_t written = 0;
    for (const auto& [path, data] : secrets)
        written += put(api, options, path, data) ? 1 : 0;
    print(std::to_string(written) + " of " + std::to_string(secrets.size()) + " written\n");
    return written == secrets.size() ? exit_ok : exit_validation;
}

} // namespace

void add_import(CLI::App& app, Command& run) {
    auto* command = app.add_subcommand("import", "secrets from a .env file or a HashiCorp Vault KV export");
    command->require_subcommand(1);
    auto options = std::make_shared<ImportOptions>();
    const auto add = [&](const char* name, const char* text, Secrets (*read)(const ImportOptions&)) {
        auto* from = command->add_subcommand(name, text);
        add_connection_options(*from, options->connection);
        from->add_option("file", options->file, "the file, - for standard input")->required();
        from->add_option("--prefix", options->prefix, "in front of every path");
        from->add_flag("--overwrite", options->overwrite,
                       "write a new version of what is there already; else it is left alone");
        from->add_flag("--dry-run", options->dry_run, "print paths and field names, write nothing");
        from->callback([&run, options, read] { run = [options, read] { return import(*options, read); }; });
        return from;
    };
    auto* env = add("env", "every variable of a .env file, or all in one secret", from_env);
    env->add_option("--path", options->path,
                    "one secret with every variable as a field; else one secret each, field \"value\"");
    env->footer(exit_help);
    auto* kv = add("vault-kv", "secrets of HashiCorp Vault's or OpenBao's KV engine", from_kv);
    kv->add_option("--path", options->path, "path of the secret, or of the folder the export was made of");
    kv->footer(std::string(kv_help) + exit_help);
}

} // namespace scaivault::cli
