// Checks of the database and of what the mirror says about itself. SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/db/migrate.hpp"
#include "lib/scaiflow/app/context.hpp"
#include "lib/scaiflow/doctor/checks.hpp"
#include "lib/scaiflow/doctor/store.hpp"
#include "lib/scaiflow/roles/roles.hpp"

#include <chrono>

namespace scaiflow::doctor {

namespace {

using scai::db::Scope;

constexpr auto migrate_fix = "run scaiflow-admin migrate";

scai::db::PoolSettings database_as(const scai::config::Settings& settings, const std::string& role) {
    auto out = pool_settings(settings, "cli");
    out.application = "scaiflow-admin";
    out.role = role;
    out.size = 1;
    return out;
}

std::string minutes(std::int64_t seconds) {
    return std::to_string(seconds / 60) + " min";
}

bool check_migrations(scai::db::Pool& pool, std::vector<Check>& out) {
    const int there = scai::db::schema_version(pool, "scaiflow");
    const int known = expected_schema_version();
    const std::string both =
        "database at version " + std::to_string(there) + ", this program knows " + std::to_string(known);
    if (there < known)
        out.push_back(fail("migrations", both, migrate_fix));
    else if (there > known)
        out.push_back(fail("migrations", both, "install the newer programs: these refuse to start"));
    else
        out.push_back(ok("migrations", both));
    return there == known;
}

void check_roles(const store::Server& server, std::vector<Check>& out) {
    if (!server.missing_roles.empty())
        out.push_back(
            fail("roles", "the login may not act as " + scai::join(server.missing_roles, ", "), migrate_fix));
    else if (server.superuser)
        out.push_back(warn("roles", "the login of DATABASE_URL is a superuser",
                           "use a login of its own that is only a member of the scaiflow_* roles"));
    else
        out.push_back(ok("roles", "one per process type, all granted to the login"));
}

void check_row_security(scai::db::Reader& reader, std::vector<Check>& out) {
    const auto found = store::read_row_security(reader);
    if (!found.open_tables.empty())
        out.push_back(fail("row_level_security", "off for " + scai::join(found.open_tables, ", "),
                           "somebody changed the schema by hand: ALTER TABLE ... ENABLE ROW LEVEL SECURITY"));
    else if (found.bypassed)
        out.push_back(fail("row_level_security",
                           "a scaiflow_* role is superuser, has BYPASSRLS or owns the tables",
                           "take that from the role; only scaiflow_owner owns the tables"));
    else
        out.push_back(ok("row_level_security", "on for every tenant table"));
}

void check_sweeps(const scai::config::Settings& settings, scai::db::Reader& reader, std::vector<Check>& out) {
    const auto sweeps = store::read_sweeps(reader);
    const std::int64_t interval = settings.integer("SCAIFLOW_SYNC_INTERVAL_MINUTES") * 60;
    constexpr auto cron =
        "is cron running, and is the line `scaiflow-job-sync --if-due` in its table? Run scaiflow-job-sync "
        "by hand to see what it says";
    if (!sweeps.completed_age)
        out.push_back(fail("sweep_age", "no sweep has completed yet", "run scaiflow-job-sync"));
    else if (interval == 0)
        out.push_back(warn("sweep_age",
                           "last complete sweep began " + minutes(*sweeps.completed_age) +
                               " ago; SCAIFLOW_SYNC_INTERVAL_MINUTES=0 switches the hourly one off",
                           "set SCAIFLOW_SYNC_INTERVAL_MINUTES unless somebody else runs scaiflow-job-sync"));
    else {
        const std::string text = "last complete sweep began " + minutes(*sweeps.completed_age) +
                                 " ago, due every " + minutes(interval);
        if (*sweeps.completed_age > 2 * interval + 300)
            out.push_back(fail("sweep_age", text, cron));
        else if (*sweeps.completed_age > interval + interval / 2 + 300)
            out.push_back(warn("sweep_age", text, cron));
        else
            out.push_back(ok("sweep_age", text));
    }
    if (sweeps.last_outcome.empty())
        return;
    const std::string text = sweeps.last_outcome + " (started " + sweeps.last_started + ")" +
                             (sweeps.first_trouble.empty() ? "" : ": " + sweeps.first_trouble);
    if (sweeps.last_outcome == "done" || sweeps.last_outcome == "running")
        out.push_back(ok("sweep_outcome", text));
    else if (sweeps.last_outcome == "partial")
        out.push_back(
            warn("sweep_outcome", text, "scaiflow-job-sync --verbose names what could not be read"));
    else if (sweeps.last_outcome == "breaker")
        out.push_back(
            fail("sweep_outcome", text,
                 "look with scaiflow-job-sync --dry-run; if the removals are right, run it with --force"));
    else
        out.push_back(fail("sweep_outcome", text, "run scaiflow-job-sync --verbose"));
}

void check_events(const scai::config::Settings& settings, scai::db::Reader& reader, std::vector<Check>& out) {
    if (!settings.has("SCAIFLOW_SCAIKEY_WEBHOOK_SECRET"))
        return; // that is its own complaint
    if (const auto age = store::last_event_age(reader))
        out.push_back(ok("webhooks", "the last event of ScaiKey arrived " + minutes(*age) + " ago"));
    else
        out.push_back(
            warn("webhooks", "no event of ScaiKey has arrived: changes come only with the sweep",
                 "see that its webhook points at <this API>/api/v1/webhooks/scaikey and has the same "
                 "secret; the log of scaiflow-webhooks names what it refused (webhook_refused)"));
}

void check_super_admins(const scai::config::Settings& settings, scai::db::Reader& reader,
                        const store::Mirror& mirror, std::vector<Check>& out) {
    if (mirror.super_admins > 0)
        out.push_back(ok("super_admins", std::to_string(mirror.super_admins) + " active"));
    else
        out.push_back(
            warn("super_admins", "nobody is super_admin",
                 "scaiflow-admin grant <email> --role super_admin, or set SCAIFLOW_SUPER_ADMIN_GROUPS"));
    const auto entries = settings.list("SCAIFLOW_SUPER_ADMIN_GROUPS");
    std::size_t good = 0;
    for (const auto& entry : roles::resolve(reader, {entries, settings.text("SCAIFLOW_HOME_TENANT")})) {
        if (entry.problem.empty())
            ++good;
        else
            out.push_back(warn("super_admin_groups", entry.text,
                               entry.text.find("of SCAIFLOW_HOME_TENANT") != std::string::npos
                                   ? "correct SCAIFLOW_HOME_TENANT, or list the group's id"
                               : entry.problem == "home_tenant_required"
                                   ? "set SCAIFLOW_HOME_TENANT or list the group's id"
                                   : "correct SCAIFLOW_SUPER_ADMIN_GROUPS"));
    }
    if (good > 0)
        out.push_back(ok("super_admin_groups", std::to_string(good) + " of " +
                                                   std::to_string(entries.size()) +
                                                   " entries stand for a group"));
    if (mirror.pending > 0)
        out.push_back(
            warn("pending_grants", std::to_string(mirror.pending) + " wait for their user",
                 "scaiflow-admin list shows them; the user must be assigned to the ScaiFlow application"));
}

} // namespace

bool check_database(const scai::config::Settings& settings, std::vector<Check>& out) {
    try {
        // As the bare login first: before the first migration there is no role to take.
        scai::db::Pool login(database_as(settings, ""));
        auto reader = login.read(Scope::none());
        const auto start = std::chrono::steady_clock::now();
        const auto server = store::read_server(reader);
        const auto took =
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
        if (server.recovery)
            out.push_back(fail("database",
                               "PostgreSQL " + server.version + " answers, but it is a read-only standby",
                               "add target_session_attrs=read-write and all hosts to DATABASE_URL"));
        else
            out.push_back(ok("database", "PostgreSQL " + server.version + " answers in " +
                                             std::to_string(took.count()) + " ms"));
        check_roles(server, out);
    } catch (const scai::db::Error& error) {
        out.push_back(fail("database", error.what(), "is PostgreSQL running, and is DATABASE_URL right?"));
        return false;
    } catch (const std::runtime_error& error) {
        out.push_back(fail("database", error.what(), "set DATABASE_URL"));
        return false;
    }
    try {
        scai::db::Pool pool(database_as(settings, "scaiflow_cli"));
        if (!check_migrations(pool, out))
            return false;
        auto reader = pool.read(Scope::none());
        check_row_security(reader, out);
        return true;
    } catch (const scai::db::Error& error) {
        out.push_back(fail("migrations", error.what(), migrate_fix));
        return false;
    }
}

std::string check_mirror(const scai::config::Settings& settings, std::vector<Check>& out) {
    try {
        scai::db::Pool pool(database_as(settings, "scaiflow_cli"));
        auto reader = pool.read(Scope::all_tenants());
        check_events(settings, reader, out);
        check_sweeps(settings, reader, out);
        const auto mirror = store::read_mirror(reader);
        check_super_admins(settings, reader, mirror, out);
        return mirror.some_tenant;
    } catch (const scai::db::Error& error) {
        out.push_back(fail("mirror", error.what(), migrate_fix));
        return "";
    }
}

} // namespace scaiflow::doctor
