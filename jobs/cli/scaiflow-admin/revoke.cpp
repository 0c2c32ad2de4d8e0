// scaiflow-admin revoke. SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaiflow-admin/program.hpp"
#include "lib/job/job.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace scaiflow::cli {

namespace {

using scai::json::Value;

struct RevokeOptions {
    std::string email, role, tenant;
    bool force = false;
};

/// "through group admins (g_1), group ops (g_2)"
std::string through(const Value& grants, const std::string& role) {
    std::string out;
    grants.each_item([&](const Value& grant) {
        if (grant.member("role") != role)
            return;
        out += out.empty() ? "through " : ", ";
        out += grant.member("source") == "group" ? "group " + grant.get("group").member("name") + " (" +
                                                       grant.get("group").member("id") + ")"
                                                 : "a " + grant.member("source") + " grant";
    });
    return out;
}

int revoke(const Common& common, const RevokeOptions& options) {
    const auto settings = load_settings(common);
    std::optional<scai::db::Pool> pool;
    open(pool, settings);
    const auto role = options.role.empty() ? std::nullopt : std::optional(options.role);
    const auto cause = cause_of("revoke " + options.email + (role ? " --role " + *role : "") +
                                (options.tenant.empty() ? "" : " --tenant " + options.tenant) +
                                (options.force ? " --force" : ""));
    Value object = Value::object({{"email", options.email}});
    std::string text;
    scai::db::in_tx(*pool, scai::db::Scope::all_tenants(), [&](scai::db::Tx& tx) {
        object = Value::object({{"email", options.email}});
        text.clear();
        roles::lock(tx);
        const auto cancelled = roles::cancel_pending(tx, options.email, role, cause);
        object.set("pending_cancelled", cancelled);
        if (cancelled > 0)
            text += std::to_string(cancelled) + " pending grant(s) of " + options.email + " cancelled.\n";
        const auto people = roles::find_by_email(tx, options.email, options.tenant);
        if (people.empty()) {
            if (cancelled == 0)
                throw Stop(scai::job::exit_failure,
                           "nobody in the mirror has the e-mail " + options.email +
                               (options.tenant.empty() ? "" : " in tenant " + options.tenant) +
                               ", and nothing is pending for it");
            return;
        }
        Value users = Value::array();
        for (const auto& person : people) {
            const auto left = roles::revoke(tx, person.target, role, cause, options.force);
            if (!left)
                throw Stop(scai::job::exit_failure,
                           describe(person) + ": " + left.error().message + "; nothing was changed" +
                               (left.error().fix.empty() ? "" : "\n  what to do: " + left.error().fix));
            Value user = to_json(person);
            user.set("effective", left->role.empty()
                                      ? Value(nullptr)
                                      : Value::object({{"role", left->role}, {"source", left->source}}));
            users.push(user);
            text += describe(person) + ": ";
            if (left->role.empty())
                text += person.role.empty() ? "had no role.\n" : "is no administrator any more.\n";
            else {
                const auto why = roles::why(tx, person.target, {});
                text += "is still " + left->role + " " +
                        (why ? through(why->get("grants"), left->role) : "") + ".\n";
            }
        }
        object.set("users", users);
    });
    print(common, object, text);
    return 0;
}

} // namespace

void add_revoke(CLI::App& app, Common& common, Command& run) {
    auto* command = app.add_subcommand("revoke", "Take back what was granted by hand");
    const auto options = std::make_shared<RevokeOptions>();
    add_common(*command, common);
    command->add_option("email", options->email, "e-mail of the user in ScaiKey, any case")->required();
    command->add_option("--role", options->role, "only this role. Default: both")
        ->check(CLI::IsMember({"tenant_admin", "super_admin"}));
    command->add_option("--tenant", options->tenant, "id or slug. Default: wherever the e-mail exists");
    command->add_flag("--force", options->force, "also when it leaves nobody who is super_admin");
    command->footer(
        "Removes manual and bootstrap grants and cancels pending ones. What a user has through a group of\n"
        "SCAIFLOW_SUPER_ADMIN_GROUPS stays (take him out of the group in ScaiKey); the answer says so. All "
        "or nothing.\n\n"
        "Examples:\n"
        "  scaiflow-admin revoke ann@acme.example\n"
        "  scaiflow-admin revoke ann@acme.example --role super_admin --tenant acme\n\n" +
        exit_codes("  1   refused: nobody has this e-mail, or this is the last active super_admin\n"));
    command->callback(
        [&common, &run, options] { run = [&common, options] { return revoke(common, *options); }; });
}

} // namespace scaiflow::cli
