// scaiflow-admin why. SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaiflow-admin/program.hpp"
#include "lib/base/strings.hpp"
#include "lib/job/job.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace scaiflow::cli {

namespace {

using scai::json::Value;

struct WhyOptions {
    std::string email, tenant;
};

std::string groups_text(const Value& groups) {
    std::string out;
    groups.each_item([&](const Value& group) {
        out += "  group     " + group.member("name") + " (" + group.member("id") + ")";
        if (!group.get("direct").boolean().value_or(true)) {
            out += " through";
            const Value path = group.get("path");
            for (std::size_t i = 1; i < path.size(); ++i)
                out += (i > 1 ? " > " : " ") + path.at(i).text_or("?");
        }
        if (group.get("members_unknown").boolean().value_or(false))
            out += " [members could not be read in the last sweep: frozen]";
        out += "\n";
    });
    return out;
}

std::string explain(const Value& why) {
    const Value user = why.get("user");
    const Value effective = why.get("effective");
    const std::string tenant_status = user.member("tenant_status");
    std::string out =
        user.member("email") + " (tenant " + user.member("tenant_id") + ", user " + user.member("id") + ", " +
        (user.get("deleted_at").is_string() ? "deleted " + user.member("deleted_at")
                                            : user.member("status")) +
        ")\n" +
        (tenant_status.empty() || scai::iequals(tenant_status, "ACTIVE")
             ? ""
             : "  tenant    " + tenant_status + " in ScaiKey: nobody of it is let in\n") +
        "  is        " +
        (effective.is_object() ? effective.member("role") + ", source " + effective.member("source")
                               : std::string("no administrator")) +
        "\n";
    why.get("grants").each_item([&](const Value& grant) {
        out += "  grant     " + grant.member("role") + " " +
               (grant.member("source") == "group" ? "by group " + grant.get("group").member("name") + " (" +
                                                        grant.get("group").member("id") + ")"
                                                  : grant.member("source")) +
               ", from " + grant.member("granted_by") + " at " + grant.member("granted_at") + "\n";
    });
    out += groups_text(why.get("groups"));
    why.get("super_admin_groups").each_item([&](const Value& entry) {
        out += std::string("  setting   ") + (entry.get("problem").is_string() ? "PROBLEM " : "") +
               entry.member("text") + "\n";
    });
    why.get("pending").each_item([&](const Value& grant) {
        out += "  pending   " + grant.member("role") + " " + grant.member("source") + ", from " +
               grant.member("requested_by") + " at " + grant.member("requested_at") + "\n";
    });
    why.get("history").each_item([&](const Value& row) {
        out += "  history   " + row.member("at") + " " + row.member("action") + " by " + row.member("actor") +
               " " + row.get("cause").dump() + "\n";
    });
    return out;
}

int why(const Common& common, const WhyOptions& options) {
    const auto settings = load_settings(common);
    std::optional<scai::db::Pool> pool;
    auto reader = open(pool, settings).read(scai::db::Scope::all_tenants());
    const auto people = roles::find_by_email(reader, options.email, options.tenant);
    Value users = Value::array();
    std::string text;
    for (const auto& person : people) {
        const auto found = roles::why(reader, person.target, super_admin_groups(settings));
        if (!found)
            continue;
        users.push(*found);
        text += (text.empty() ? "" : "\n") + explain(*found);
    }
    Value pending = Value::array();
    roles::list_admins(reader, false).get("pending").each_item([&](const Value& grant) {
        if (people.empty() && grant.member("email") == scai::to_lower(options.email)) {
            pending.push(grant);
            text += "  pending   " + grant.member("role") + " " + grant.member("source") + ", from " +
                    grant.member("requested_by") + " at " + grant.member("requested_at") + "\n";
        }
    });
    if (people.empty())
        text = options.email + " is not in the mirror" +
               (options.tenant.empty() ? "" : " in tenant " + options.tenant) +
               (text.empty() ? ". Either not swept yet, or the user is not assigned to the ScaiFlow "
                               "application in ScaiKey.\n"
                             : "; these grants wait for it:\n" + text);
    print(common, Value::object({{"email", options.email}, {"users", users}, {"pending", pending}}), text);
    return people.empty() ? scai::job::exit_failure : 0;
}

} // namespace

void add_why(CLI::App& app, Common& common, Command& run) {
    auto* command = app.add_subcommand("why", "Why somebody has, or has not, a role");
    const auto options = std::make_shared<WhyOptions>();
    add_common(*command, common);
    command->add_option("email", options->email, "e-mail of the user in ScaiKey, any case")->required();
    command->add_option("--tenant", options->tenant, "id or slug. Default: wherever the e-mail exists");
    command->footer("Shows the effective role, each grant with its source, the user's groups (nested ones "
                    "with the way down),\n"
                    "what each entry of SCAIFLOW_SUPER_ADMIN_GROUPS stands for now, pending grants and the "
                    "last changes.\n\n"
                    "Examples:\n"
                    "  scaiflow-admin why ann@acme.example\n\n" +
                    exit_codes("  1   nobody in the mirror has this e-mail\n"));
    command->callback(
        [&common, &run, options] { run = [&common, options] { return why(common, *options); }; });
}

} // namespace scaiflow::cli
