// scaivault policies: list, show, test, who-can. SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaivault/commands.hpp"
#include "jobs/cli/scaivault/connection.hpp"

#include "lib/base/strings.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace scaivault::cli {

using scai::json::Value;

namespace {

struct PolicyOptions {
    ConnectionOptions connection;
    std::string id, identity, path, permission, source_ip;
};

int list_policies(const PolicyOptions& options) {
    Api api(options.connection);
    std::vector<std::vector<std::string>> rows{{"ID", "NAME", "RULES", "BINDINGS", "ACTIVE"}};
    auto all = Value::array();
    std::string cursor;
    do {
        const auto answer =
            api.call("GET", "/v1/policies" +
                                query({{"include_inactive", "true"}, {"limit", "1000"}, {"cursor", cursor}}));
        answer.json.get("policies").each_item([&](const Value& policy) {
            all.push(policy);
            rows.push_back({policy.member("id"), policy.member("name"), policy.get("rule_count").dump(),
                            policy.get("binding_count").dump(),
                            policy.get("is_active").boolean().value_or(false) ? "yes" : "no"});
        });
        cursor = answer.json.get("has_more").boolean().value_or(false) ? answer.json.member("cursor") : "";
    } while (!cursor.empty());
    if (options.connection.json)
        print(Value::object({{"policies", all}}).dump_pretty() + "\n");
    else
        print_table(rows);
    return exit_ok;
}

int show_policy(const PolicyOptions& options) {
    Api api(options.connection);
    print(api.call("GET", "/v1/policies/" + scai::percent_encode(options.id)).json.dump_pretty() + "\n");
    return exit_ok;
}

int test(const PolicyOptions& options) {
    Api api(options.connection);
    auto body = Value::object({{"identity_id", options.identity},
                               {"path", path_segment(options.path)},
                               {"permission", options.permission}});
    if (!options.source_ip.empty())
        body.set("context", Value::object({{"source_ip", options.source_ip}}));
    const auto answer = api.call("POST", "/v1/policies/test", body.dump());
    const bool allowed = answer.json.get("allowed").boolean().value_or(false);
    print(options.connection.json ? answer.json.dump_pretty() + "\n"
          : allowed               ? "allowed by " + answer.json.member("matched_policy") + "\n"
                                  : "denied: " + answer.json.member("reason") + "\n");
    return allowed ? exit_ok : exit_denied;
}

int who_can(const PolicyOptions& options) {
    Api api(options.connection);
    const auto answer = api.call("GET", "/v1/policies/who-can" + query({{"path", path_segment(options.path)},
                                                                        {"permission", options.permission}}));
    print(answer.json.dump_pretty() + "\n");
    return exit_ok;
}

} // namespace

void add_policies(CLI::App& app, Command& run) {
    auto* policies = app.add_subcommand("policies", "who may do what, and why");
    policies->require_subcommand(1);
    policies->footer(exit_help);
    auto options = std::make_shared<PolicyOptions>();
    const auto add = [&](const char* name, const char* text, int (*work)(const PolicyOptions&)) {
        auto* command = policies->add_subcommand(name, text);
        add_connection_options(*command, options->connection);
        command->callback([&run, options, work] { run = [options, work] { return work(*options); }; });
        return command;
    };
    const auto permissions = CLI::IsMember({"read", "write", "delete", "list", "rotate", "admin"});
    add("list", "every policy of the tenant", list_policies);
    add("show", "one policy with its rules and bindings", show_policy)
        ->add_option("id", options->id)
        ->required();
    auto* test_command =
        add("test", "the decision for an identity and its reasons; exit status 3 when denied", test);
    test_command->add_option("--identity", options->identity, "user:mia@example.test, sa:batcher, group:ops")
        ->required();
    test_command->add_option("--path", options->path, "path of a secret")->required();
    test_command->add_option("--permission", options->permission)->check(permissions)->required();
    test_command->add_option("--source-ip", options->source_ip, "as if the call came from there");
    auto* who = add("who-can", "everybody a policy gives a permission on a path", who_can);
    who->add_option("path", options->path)->required();
    who->add_option("permission", options->permission)->check(permissions)->required();
}

} // namespace scaivault::cli
