// scaivault grant: a policy and its binding, found or made, on the server's own database: for service
// identities that must be there before anybody can sign in. SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaivault/server.hpp"
#include "lib/base/clock.hpp"
#include "lib/job/job.hpp"
#include "lib/scaivault/app/store_caller.hpp"
#include "lib/scaivault/policies/document.hpp"
#include "lib/scaivault/policies/service.hpp"

#include "lib/base/strings.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace scaivault::cli {

namespace {

using scai::json::Value;

struct GrantOptions {
    std::string tenant, name, identity;
    std::vector<std::string> allow;
};

[[noreturn]] void stop_naming_fields(const scai::Error& error) {
    std::string text = error.message;
    for (const auto& field : error.fields)
        text += "\n  " + field.path + ": " + field.message;
    throw Stop(scai::job::exit_failure, text);
}

/// "tenants/*/key=read,write" -> a rule.
Value rule_of(const std::string& text) {
    const auto equals = text.rfind('=');
    if (equals == std::string::npos)
        throw Stop(5, "--allow must be PATTERN=permission,permission: " + text);
    return Value::object({{"path_pattern", text.substr(0, equals)},
                          {"permissions", Value::array_of(scai::split_list(text.substr(equals + 1), ','))}});
}

std::optional<policies::PolicyRow> find(scai::db::Pool& pool, const Caller& caller, const std::string& name) {
    std::optional<std::pair<std::string, std::string>> after;
    do {
        auto page = policies::list(pool, caller, "tenant", /*inactive_too=*/true, after, 200);
        for (auto& row : page.policies)
            if (row.name == name)
                return std::move(row);
        after = page.next;
    } while (after);
    return std::nullopt;
}

policies::Change change_of(const Caller& caller, const std::string& action, scai::UtcTime now) {
    audit::Entry entry;
    entry.tenant_id = caller.tenant_id;
    entry.action = action;
    entry.identity_type = caller.identity_type;
    entry.identity_id = caller.identity_id;
    return {.caller = caller, .now = now, .entry = std::move(entry)};
}

/// The policy with exactly these rules; what was done about it.
std::pair<policies::PolicyRow, std::string> ensure(scai::db::Pool& pool, const Caller& caller,
                                                   const GrantOptions& options, scai::UtcTime now) {
    auto document = Value::array();
    for (const auto& text : options.allow)
        document.push(rule_of(text));
    auto rules = policies::parse_rules(document, "--allow");
    if (!rules)
        stop_naming_fields(rules.error());
    policies::Changes wanted;
    wanted.name = options.name;
    wanted.is_active = true;
    const auto text = policies::to_json(*rules).dump(true);
    wanted.rules = std::move(*rules);
    auto there = find(pool, caller, options.name);
    if (there) {
        const auto stored = scai::json::parse(there->rules);
        if (there->is_active && stored && stored->dump(true) == text)
            return {std::move(*there), "found"};
        auto changed = policies::update(pool, change_of(caller, "policy_update", now), there->id, wanted);
        if (!changed)
            stop_naming_fields(changed.error());
        return {std::move(*changed), "changed"};
    }
    wanted.description = "made by scaivault grant";
    auto made = policies::create(pool, change_of(caller, "policy_create", now), caller.tenant_id, wanted);
    if (!made)
        stop_naming_fields(made.error());
    return {std::move(*made), "made"};
}

int grant(const Common& common, const GrantOptions& options) {
    const auto settings = load_settings(common);
    std::optional<scai::db::Pool> opened;
    auto& pool = open(opened, settings, "policies");
    const auto now = scai::SystemClock().now();
    const auto lookup = look_up(pool, {.home_tenant = options.tenant,
                                       .user = "",
                                       .selected_tenant = options.tenant,
                                       .fallback_partner = ""});
    if (!lookup.selected || lookup.selected->deleted)
        throw Stop(scai::job::exit_failure, "the directory copy has no tenant " + options.tenant +
                                                ": run scaivault-job-identity-sync first");
    const auto caller = system_caller("cli", options.tenant, lookup.selected->partner_id);
    const auto name = identity::parse_name(options.identity, std::nullopt, "--identity");
    if (!name)
        stop_naming_fields(name.error());
    const auto [policy, what] = ensure(pool, caller, options, now);
    const auto bound =
        policies::bind(pool, change_of(caller, "policy_bind", now), policy.id, *name, std::nullopt);
    if (!bound)
        stop_naming_fields(bound.error());
    print(common,
          Value::object({{"policy_id", policy.id},
                         {"policy", what},
                         {"binding_id", bound->binding.id},
                         {"binding", bound->created ? "made" : "found"}}),
          what + " policy " + policy.id + " (" + policy.name + "), " + (bound->created ? "made" : "found") +
              " its binding to " + options.identity + "\n");
    return 0;
}

} // namespace

void add_grant(CLI::App& app, Common& common, Command& run) {
    auto options = std::make_shared<GrantOptions>();
    auto* command = app.add_subcommand("grant", "Find or make a policy and bind it to an identity");
    add_common(*command, common);
    command->add_option("--tenant", options->tenant, "id of the tenant whose secrets they are")->required();
    command->add_option("--name", options->name, "name of the policy")->required();
    command->add_option("--identity", options->identity, "sa:<client id>, user:<e-mail>, group:<name>")
        ->required();
    command
        ->add_option("--allow", options->allow, "PATTERN=permission,... ; once for each rule of the policy")
        ->required();
    command->footer("A policy of that name gets exactly these rules. Works on the database, so nobody has to "
                    "be able to sign in yet.\n\n"
                    "ScaiFlow's service application, whose tenant holds the ScaiGrid keys of all tenants:\n"
                    "  scaivault grant --tenant tnt_platform --name scaiflow --identity sa:<client id> \\\n"
                    "    --allow 'tenants/*/scaigrid_api_key=read,write,delete' --allow "
                    "'tenants/*/scaigrid_base_url=read,write,delete'\n\n" +
                    exit_codes("  1   refused; nothing was changed\n"));
    command->callback(
        [&common, &run, options] { run = [&common, options] { return grant(common, *options); }; });
}

} // namespace scaivault::cli
