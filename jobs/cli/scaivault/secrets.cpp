// scaivault secrets: list, delete, restore, versions, rotate, expiring, metadata. SPDX-License-Identifier:
// Apache-2.0
#include "jobs/cli/scaivault/calls.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace scaivault::cli {

using scai::json::Value;

namespace {

struct SecretsOptions {
    ConnectionOptions connection;
    std::string path, prefix, type, tag;
    int limit = 0, days = 30;
    bool hard = false, deleted = false;
};

/// One page after the other until there are no more, or `limit` are there.
void each_page(Api& api, const std::string& path, std::vector<std::pair<std::string, std::string>> filters,
               int limit, const std::function<void(const Value&)>& page) {
    constexpr int page_size = 1000;
    std::string cursor;
    int left = limit;
    do {
        auto pairs = filters;
        pairs.emplace_back("limit", std::to_string(limit == 0 ? page_size : std::min(left, page_size)));
        pairs.emplace_back("cursor", cursor);
        const auto answer = api.call("GET", path + query(pairs));
        page(answer.json);
        left -= static_cast<int>(answer.json.get("secrets").size());
        cursor = answer.json.get("has_more").boolean().value_or(false) ? answer.json.member("cursor") : "";
    } while (!cursor.empty() && (limit == 0 || left > 0));
}

int list_secrets(const SecretsOptions& options) {
    Api api(options.connection);
    std::vector<std::vector<std::string>> rows{{"PATH", "TYPE", "VERSION", "UPDATED"}};
    if (options.deleted)
        rows.front() = {"PATH", "TYPE", "VERSION", "DELETED", "RESTORE UNTIL"};
    auto all = Value::array();
    each_page(api, "/v1/secrets",
              {{"prefix", options.prefix},
               {"secret_type", options.type},
               {"tags", options.tag},
               {"deleted", options.deleted ? "true" : ""}},
              options.limit, [&](const Value& page) {
                  page.get("secrets").each_item([&](const Value& secret) {
                      all.push(secret);
                      rows.push_back({secret.member("path"), secret.member("secret_type"),
                                      cell(secret.get("version")),
                                      secret.member(options.deleted ? "deleted_at" : "updated_at")});
                      if (options.deleted)
                          rows.back().push_back(secret.member("restore_until"));
                  });
              });
    if (options.connection.json)
        print(Value::object({{"secrets", all}}).dump_pretty() + "\n");
    else
        print_table(rows);
    return exit_ok;
}

int remove(const SecretsOptions& options) {
    Api api(options.connection);
    const auto answer = api.call("DELETE", "/v1/secrets/" + path_segment(options.path) +
                                               (options.hard ? "?permanent=true" : ""));
    if (options.connection.json)
        print(answer.json.dump_pretty() + "\n");
    else if (options.hard)
        print("destroyed " + options.path + "\n");
    else
        print("deleted " + options.path + "; `scaivault secrets restore " + options.path + "` until " +
              answer.json.member("recoverable_until") + "\n");
    return exit_ok;
}

int versions(const SecretsOptions& options) {
    Api api(options.connection);
    const auto answer = api.call("GET", "/v1/secrets/" + path_segment(options.path) + "/versions");
    if (options.connection.json) {
        print(answer.json.dump_pretty() + "\n");
        return exit_ok;
    }
    std::vector<std::vector<std::string>> rows{{"VERSION", "CREATED", "BY", "CURRENT"}};
    answer.json.get("versions").each_item([&](const Value& version) {
        rows.push_back({cell(version.get("version")), version.member("created_at"),
                        version.member("created_by"),
                        version.get("is_current").boolean().value_or(false) ? "yes" : ""});
    });
    print_table(rows);
    return exit_ok;
}

int expiring(const SecretsOptions& options) {
    Api api(options.connection);
    const auto answer =
        api.call("GET", "/v1/secrets/expiring" +
                            query({{"days", std::to_string(options.days)}, {"prefix", options.prefix}}));
    if (options.connection.json) {
        print(answer.json.dump_pretty() + "\n");
        return exit_ok;
    }
    std::vector<std::vector<std::string>> rows{{"PATH", "EXPIRES", "DAYS LEFT"}};
    answer.json.get("secrets").each_item([&](const Value& secret) {
        rows.push_back(
            {secret.member("path"), secret.member("expires_at"), cell(secret.get("days_remaining"))});
    });
    print_table(rows);
    return exit_ok;
}

int simple(const SecretsOptions& options, const char* method, const char* suffix) {
    Api api(options.connection);
    return show_object(options.connection,
                       api.call(method, "/v1/secrets/" + path_segment(options.path) + suffix).json);
}

} // namespace

void add_secrets(CLI::App& app, Command& run) {
    auto* secrets = app.add_subcommand("secrets", "read, write, list, delete, restore and rotate secrets");
    secrets->require_subcommand(1);
    secrets->footer(exit_help);
    add_secrets_read(*secrets, run);
    add_secrets_write(*secrets, run);
    auto options = std::make_shared<SecretsOptions>();
    const auto add = [&](const char* name, const char* text, int (*work)(const SecretsOptions&)) {
        auto* command = secrets->add_subcommand(name, text);
        add_connection_options(*command, options->connection);
        command->callback([&run, options, work] { run = [options, work] { return work(*options); }; });
        return command;
    };
    const auto add_with_path = [&](const char* name, const char* text, int (*work)(const SecretsOptions&)) {
        auto* command = add(name, text, work);
        command->add_option("path", options->path, "path of the secret")->required();
        return command;
    };
    auto* list_command = add("list", "paths one may list", list_secrets);
    list_command->add_option("--prefix", options->prefix, "paths that start with this");
    list_command->add_option("--type", options->type, "kv, json, certificate, ssh_key or api_key");
    list_command->add_option("--tag", options->tag, "with this tag");
    list_command->add_flag("--deleted", options->deleted, "those that are deleted and can be restored");
    list_command->add_option("--limit", options->limit, "at most so many; default all")
        ->check(CLI::Range(1, 1000000));
    add_with_path("delete", "deletes a secret; it can be restored until its retention ends", remove)
        ->add_flag("--hard", options->hard, "destroy every version at once, for ever");
    add_with_path("restore", "brings a deleted secret back",
                  [](const SecretsOptions& given) { return simple(given, "POST", "/restore"); });
    add_with_path("versions", "versions that are kept", versions);
    add_with_path("metadata", "description, tags, owner, versions; never the value",
                  [](const SecretsOptions& given) { return simple(given, "GET", "/metadata"); });
    add_with_path("rotate", "makes a new version by the secret's rotation policy",
                  [](const SecretsOptions& given) { return simple(given, "POST", "/rotate"); });
    auto* expiring_command = add("expiring", "secrets that expire soon", expiring);
    expiring_command->add_option("--days", options->days, "within so many days")
        ->check(CLI::Range(0, 36500))
        ->capture_default_str();
    expiring_command->add_option("--prefix", options->prefix, "paths that start with this");
}

} // namespace scaivault::cli
