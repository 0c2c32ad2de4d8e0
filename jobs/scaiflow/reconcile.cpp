// scaiflow-job-reconcile: brings roles in step with SCAIFLOW_SUPER_ADMIN_GROUPS and applies pending grants,
// from the mirror as it is. Every sweep does the same at its end; run this after changing the setting.
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/job_product.hpp"
#include "lib/scaiflow/roles/roles.hpp"

namespace {

namespace job = scai::job;
namespace roles = scaiflow::roles;
using scai::json::Value;

constexpr auto help =
    R"(Looks up the groups of SCAIFLOW_SUPER_ADMIN_GROUPS in the mirror, makes their members super_admin (source group), takes
the role from those who left, and applies pending grants whose user has appeared. Manual and bootstrap grants stay. The
last active super_admin is never demoted. Entries that do not resolve are named on every run; while there is one, nobody
loses a role that came from a group no entry names. ScaiKey is not asked: for fresh memberships run scaiflow-job-sync.

Examples:
  scaiflow-job-reconcile --dry-run
  scaiflow-job-reconcile --json | jq .changes

Exit codes:
  0   done (also when an entry did not resolve)
  64  wrong usage
  69  the database cannot be reached
  75  another reconciliation runs
  78  settings are missing or wrong, or the database is at another version
)";

Value to_json(const roles::Reconciled& result) {
    Value groups = Value::array(), problems = Value::array(), changes = Value::array();
    const auto id_or_null = [](const std::string& id) { return id.empty() ? Value(nullptr) : Value(id); };
    for (const auto& entry : result.groups)
        groups.push(Value::object({{"entry", entry.entry},
                                   {"tenant_id", id_or_null(entry.tenant_id)},
                                   {"group_id", id_or_null(entry.group_id)},
                                   {"problem", id_or_null(entry.problem)},
                                   {"text", entry.text}}));
    for (const auto& problem : result.pending_problems)
        problems.push(Value::object({{"email", problem.email},
                                     {"problem", problem.problem},
                                     {"tenants", Value::array_of(problem.tenants)},
                                     {"text", problem.text}}));
    for (const auto& change : result.changes)
        changes.push(Value::object(
            {{"tenant_id", change.tenant_id}, {"user_id", change.user_id}, {"change", change.change}}));
    return Value::object({{"super_admin_count", result.super_admin_count},
                          {"super_admins_group_promoted", result.promoted},
                          {"super_admins_group_demoted", result.demoted},
                          {"kept_last_super_admin", result.kept_last_super_admin},
                          {"groups", groups},
                          {"pending_applied", Value::array_of(result.pending_applied)},
                          {"pending_problems", problems},
                          {"changes", changes}});
}

std::string to_text(const roles::Reconciled& result, bool dry_run) {
    std::string out = std::string(dry_run ? "dry run, nothing was changed: " : "") +
                      std::to_string(result.promoted) + " promoted, " + std::to_string(result.demoted) +
                      " demoted, " + std::to_string(result.super_admin_count) + " active super_admins\n";
    for (const auto& change : result.changes)
        out += "  " + change.change + "  " + change.tenant_id + "/" + change.user_id + "\n";
    for (const auto& email : result.pending_applied)
        out += "  pending grant applied: " + email + "\n";
    if (result.kept_last_super_admin)
        out += "warning: the last active super_admin left the group and was kept: grant super_admin to "
               "somebody else\n";
    for (const auto& entry : result.groups)
        out += (entry.problem.empty() ? "  " : "warning: ") + entry.text + "\n";
    for (const auto& problem : result.pending_problems)
        out += "warning: " + problem.text + "\n";
    if (result.super_admin_count == 0)
        out += "warning: nobody is super_admin. Two ways to bootstrap:\n"
               "  (manual)  scaiflow-admin grant <email> --role super_admin\n"
               "  (group)   set SCAIFLOW_SUPER_ADMIN_GROUPS to a comma-separated list of group ids/names\n";
    return out;
}

int reconcile(const job::Options& options, const scai::config::Settings& settings, scai::db::Pool& pool) {
    const roles::SuperAdminGroups groups{settings.list("SCAIFLOW_SUPER_ADMIN_GROUPS"),
                                         settings.text("SCAIFLOW_HOME_TENANT")};
    const scai::SystemClock clock;
    std::string text;
    Value object;
    const auto ran = job::run(pool, {"scaiflow", "reconcile"}, clock, job::trigger(), [&](job::Run& run) {
        const roles::Cause cause{"sync:" + run.id(), Value::object({{"run_id", run.id()}})};
        const auto result = scai::db::in_tx(pool, scai::db::Scope::all_tenants(), [&](scai::db::Tx& tx) {
            return roles::reconcile(tx, groups, cause, options.dry_run);
        });
        text = to_text(result, options.dry_run);
        object = to_json(result).set("run_id", run.id()).set("dry_run", options.dry_run);
        job::Outcome outcome;
        outcome.counters = Value::object({{"super_admin_count", result.super_admin_count},
                                          {"promoted", result.promoted},
                                          {"demoted", result.demoted},
                                          {"dry_run", options.dry_run}});
        return outcome;
    });
    return job::print_outcome(options, ran, object, text);
}

} // namespace

int main(int argc, char** argv) {
    job::Options options;
    job::CommandLine command("Brings the roles of ScaiFlow in step with groups and pending grants.",
                             "scaiflow-job-reconcile", options, scaiflow::job_product());
    command.footer(help);
    return job::main(command, argc, argv, [&](const scai::config::Settings& settings, scai::db::Pool& pool) {
        return reconcile(options, settings, pool);
    });
}
