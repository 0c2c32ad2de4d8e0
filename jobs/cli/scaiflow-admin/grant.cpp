// scaiflow-admin grant. SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaiflow-admin/program.hpp"
#include "lib/job/job.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

namespace scaiflow::cli {

namespace {

using scai::json::Value;

struct GrantOptions {
    std::string email, role, tenant;
};

struct Answer {
    int code = 0;
    Value object;
    std::string text;
};

Answer refused(const scai::Error& error) {
    throw Stop(scai::job::exit_failure,
               error.message + (error.fix.empty() ? "" : "\n  what to do: " + error.fix));
}

Answer ambiguous(const GrantOptions& options, const std::vector<roles::Person>& people) {
    Answer out{scai::job::exit_failure, Value::object({{"result", "ambiguous"}, {"email", options.email}}),
               ""};
    Value candidates = Value::array();
    out.text =
        options.email + " stands for several users; nothing was changed. Say which one with --tenant:\n";
    for (const auto& person : people) {
        candidates.push(to_json(person));
        out.text += "  --tenant " + person.target.tenant_id + "   user " + person.target.user_id +
                    (person.tenant_slug.empty() ? "" : " (" + person.tenant_slug + ")") + "\n";
    }
    out.object.set("candidates", candidates);
    return out;
}

Answer pending(scai::db::Tx& tx, const GrantOptions& options, const std::string& tenant,
               const roles::Cause& cause, const std::string& home) {
    const auto status =
        roles::grant_pending(tx, options.email, tenant.empty() ? std::nullopt : std::optional(tenant),
                             options.role, "manual", cause);
    if (!status)
        return refused(status.error());
    const std::string where = !tenant.empty() ? " in tenant " + tenant
                              : !home.empty() ? " in the home tenant " + home
                                              : "";
    return {0,
            Value::object({{"result", "pending"},
                           {"email", options.email},
                           {"role", options.role},
                           {"tenant_id", tenant.empty() ? Value(nullptr) : Value(tenant)}}),
            options.email + " is not in the mirror yet. The grant of " + options.role +
                " is kept and will be applied when the user appears" + where +
                " (next sweep or webhook).\n  Run scaiflow-job-sync now, or scaiflow-admin list to see what "
                "is pending.\n"};
}

Answer apply(scai::db::Tx& tx, const GrantOptions& options, const roles::Person& person,
             const roles::Cause& cause) {
    const bool had = roles::has_grant(tx, person.target, options.role, "manual");
    const auto status = roles::grant(tx, person.target, options.role, cause);
    if (!status)
        return refused(status.error());
    const auto now = roles::find_by_email(tx, options.email, person.target.tenant_id);
    const auto self = std::find_if(now.begin(), now.end(),
                                   [&](const auto& p) { return p.target.user_id == person.target.user_id; });
    const roles::Person& after = self == now.end() ? person : *self;
    Answer out;
    out.object =
        Value::object({{"result", had ? "unchanged" : "granted"},
                       {"email", person.email},
                       {"role", options.role},
                       {"tenant_id", person.target.tenant_id},
                       {"user_id", person.target.user_id},
                       {"effective", Value::object({{"role", after.role}, {"source", after.source}})}});
    out.text = describe(person) + (had ? " had the grant of " + options.role + " already; nothing changed.\n"
                                       : " is now " + after.role + " (source " + after.source +
                                             "). Syncs do not take it away.\n");
    if (person.status != "ACTIVE" && person.status != "active")
        out.text +=
            "  note: the user's status is " + person.status + "; the role counts when it is ACTIVE again.\n";
    return out;
}

int grant(const Common& common, const GrantOptions& options) {
    const auto settings = load_settings(common);
    std::optional<scai::db::Pool> pool;
    open(pool, settings);
    const std::string home = settings.text("SCAIFLOW_HOME_TENANT");
    const auto cause = cause_of("grant " + options.email + " --role " + options.role +
                                (options.tenant.empty() ? "" : " --tenant " + options.tenant));
    const Answer answer = scai::db::in_tx(*pool, scai::db::Scope::all_tenants(), [&](scai::db::Tx& tx) {
        roles::lock(tx);
        std::string tenant;
        if (!options.tenant.empty()) {
            tenant = roles::find_tenant(tx, options.tenant);
            if (tenant.empty()) // not mirrored yet: an id may be known before the first sweep
                tenant = options.tenant;
        }
        auto people = roles::find_by_email(tx, options.email, tenant);
        std::erase_if(people, [](const auto& person) { return person.deleted; });
        if (people.size() > 1 && tenant.empty() && !home.empty()) {
            const std::string home_id = roles::find_tenant(tx, home);
            auto at_home = people;
            std::erase_if(at_home, [&](const auto& person) { return person.target.tenant_id != home_id; });
            if (at_home.size() == 1)
                people = at_home;
        }
        if (people.size() > 1)
            return ambiguous(options, people);
        return people.empty() ? pending(tx, options, tenant, cause, home)
                              : apply(tx, options, people.front(), cause);
    });
    print(common, answer.object, answer.text);
    return answer.code;
}

} // namespace

void add_grant(CLI::App& app, Common& common, Command& run) {
    auto* command = app.add_subcommand("grant", "Make somebody tenant_admin or super_admin");
    const auto options = std::make_shared<GrantOptions>();
    add_common(*command, common);
    command->add_option("email", options->email, "e-mail of the user in ScaiKey, any case")->required();
    command
        ->add_option("--role", options->role,
                     "tenant_admin (the user's own tenant) or super_admin (the platform)")
        ->required()
        ->check(CLI::IsMember({"tenant_admin", "super_admin"}));
    command->add_option("--tenant", options->tenant,
                        "id or slug of the tenant, when the e-mail exists in several");
    command->footer(
        "The grant has source manual: it survives every later sync and is only removed by revoke. It is "
        "added to what\n"
        "the user has from groups. Somebody the mirror does not know yet gets a pending grant, which is "
        "applied when he\n"
        "appears: in --tenant, else in SCAIFLOW_HOME_TENANT, else in whichever tenant; two at once stay "
        "pending and are\n"
        "reported. An e-mail in several tenants means the one in SCAIFLOW_HOME_TENANT, else you are asked "
        "for --tenant.\n"
        "Every grant is written to the audit log.\n\n"
        "Examples:\n"
        "  scaiflow-admin grant ann@acme.example --role super_admin\n"
        "  scaiflow-admin grant bob@acme.example --role tenant_admin --tenant acme\n\n" +
        exit_codes("  1   refused: the e-mail is ambiguous (the tenants are listed) or is none\n"));
    command->callback(
        [&common, &run, options] { run = [&common, options] { return grant(common, *options); }; });
}

} // namespace scaiflow::cli
