// scaiflow-admin list. SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaiflow-admin/program.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace scaiflow::cli {

namespace {

using scai::json::Value;

std::string sources(const Value& grants) {
    std::string out;
    grants.each_item([&](const Value& grant) {
        out += (out.empty() ? "" : ", ") + grant.member("role") + " " +
               (grant.member("source") == "group"
                    ? "by group " + grant.get("group").text_or(grant.member("group_id"))
                    : grant.member("source"));
    });
    return out;
}

int list(const Common& common, bool all) {
    const auto settings = load_settings(common);
    std::optional<scai::db::Pool> pool;
    auto reader = open(pool, settings).read(scai::db::Scope::all_tenants());
    const Value found = roles::list_admins(reader, all);
    std::vector<std::vector<std::string>> rows{{"EMAIL", "ROLE", "TENANT", "USER", "STATUS", "GRANTS"}};
    found.get("admins").each_item([&](const Value& admin) {
        rows.push_back({admin.member("email"), admin.member("role"), admin.member("tenant_id"),
                        admin.member("user_id"),
                        admin.get("deleted_at").is_string() ? "deleted" : admin.member("status"),
                        sources(admin.get("grants"))});
    });
    std::string text = rows.size() > 1 ? table(rows) : "no administrators\n";
    // Without a tenant of its own a grant waits in the home tenant, and only without that in all of them.
    const std::string anywhere =
        settings.has("SCAIFLOW_HOME_TENANT") ? settings.text("SCAIFLOW_HOME_TENANT") : "any";
    rows = {{"PENDING FOR", "ROLE", "TENANT", "SOURCE", "REQUESTED BY", "REQUESTED", "STATE"}};
    found.get("pending").each_item([&](const Value& grant) {
        rows.push_back({grant.member("email"), grant.member("role"), grant.get("tenant_id").text_or(anywhere),
                        grant.member("source"), grant.member("requested_by"), grant.member("requested_at"),
                        grant.get("applied_at").is_string()     ? "applied"
                        : grant.get("cancelled_at").is_string() ? "cancelled"
                                                                : "waiting"});
    });
    if (rows.size() > 1)
        text += "\n" + table(rows);
    print(common, found, text);
    return 0;
}

} // namespace

void add_list(CLI::App& app, Common& common, Command& run) {
    auto* command = app.add_subcommand("list", "Who is administrator, through what, and which grants wait");
    const auto all = std::make_shared<bool>(false);
    add_common(*command, common);
    command->add_flag("--all", *all,
                      "also deleted users that hold a role, and pending grants that are settled");
    command->footer(
        "Examples:\n"
        "  scaiflow-admin list\n"
        "  scaiflow-admin list --json | jq -r '.admins[] | select(.role == \"super_admin\") | .email'\n\n" +
        exit_codes(""));
    command->callback([&common, &run, all] { run = [&common, all] { return list(common, *all); }; });
}

} // namespace scaiflow::cli
