// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/mirror/sweep.hpp"

#include "lib/base/strings.hpp"
#include "lib/job/job.hpp"
#include "lib/log/log.hpp"
#include "lib/scaiflow/mirror/closing.hpp"
#include "lib/scaiflow/mirror/tenant.hpp"
#include "lib/scaiflow/roles/store.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <set>
#include <utility>

namespace scaiflow::mirror {

namespace {

using scai::db::Scope;
using scai::db::Tx;

constexpr auto deadline = std::chrono::hours(4);
// Cron fires to the minute and starts a little late: an hourly sweep must not find itself seconds too early.
constexpr std::int64_t due_slack_seconds = 30;
// A run that failed is tried again sooner than a whole interval later, but not at every tick of cron.
constexpr std::int64_t retry_seconds = 300;

/// Carries a dry run's findings out of the transaction that it rolls back.
struct RolledBack {};

/// Errors after which the database cannot be trusted to answer: the run ends. Anything else is one tenant's.
bool fatal(const scai::db::Error& error) {
    return error.connection_lost() || dynamic_cast<const scai::db::Unavailable*>(&error) ||
           dynamic_cast<const scai::db::InDoubt*>(&error);
}

class Sweeper {
public:
    Sweeper(Parts& parts, const SweepOptions& options, scai::job::Run& job, SweepResult& result)
        : parts_(parts), options_(options), job_(job),
          result_(result), limits_{parts.settings.max_deletes, parts.settings.max_percent, options.force} {}

    void run() {
        result_.run_id = job_.id();
        row_ = scai::db::in_tx(parts_.pool, Scope::none(), [&](Tx& tx) {
            store::prepare_session(tx);
            return store::begin_run(tx, job_.id(), options_);
        });
        for (const auto& id : row_.killed) {
            say(result_.messages, "warning", "killed_run",
                "run " + id + " did not end: its process was killed. This run does what it left undone");
        }
        source_ = parts_.make_source(
            options_.tenant.value_or(""), [this] { return job_.must_stop(); }, options_.progress);
        auto listed = source_->tenants();
        if (!listed) {
            say(result_.messages, "error", "upstream_unavailable", scai::directory::sentence(listed.error()));
            close("unavailable", scai::job::exit_unavailable);
            return;
        }
        result_.messages.insert(result_.messages.end(), listed->messages.begin(), listed->messages.end());
        const auto tenants = walkable(*listed);
        if (options_.dry_run)
            run_dry(tenants, *listed);
        else
            run_live(tenants, *listed);
        conclude();
    }

    /// The run row after an exception: as far as the database still answers.
    void fail(const std::string& text) noexcept {
        try {
            say(result_.messages, "error", "database_unavailable", text);
            add_up(); // what was committed before it stays done
            close(result_.outcome, result_.exit_code);
        } catch (const std::exception&) { // the next run closes the row as killed
        }
    }

private:
    static void say(std::vector<scai::directory::Message>& to, const char* level, const char* code,
                    std::string text) {
        to.push_back({level, code, std::move(text)});
    }

    void progress(const std::string& tenant, const char* phase) const {
        if (options_.progress)
            options_.progress({tenant, phase, 0, 0});
    }

    /// In key order, each once. A tenant that is listed but not ACTIVE is not gone: it is not walked, its
    /// objects stay, only its status is brought up to date.
    std::vector<scai::directory::Tenant> walkable(const scai::directory::Directory::Tenants& listed) {
        std::vector<scai::directory::Tenant> out, idle;
        std::set<std::string> seen;
        for (const auto& tenant : listed.tenants) {
            if ((options_.tenant && tenant.id != *options_.tenant) || !seen.insert(tenant.id).second)
                continue;
            const bool active = tenant.status.empty() || scai::iequals(tenant.status, "ACTIVE");
            (active ? out : idle).push_back(tenant);
        }
        std::ranges::sort(out, {}, &scai::directory::Tenant::id);
        for (const auto& tenant : idle) {
            say(result_.messages, "info", "tenant_inactive",
                "tenant " + tenant.id + " is " + tenant.status + ": its users and groups stay as they are");
        }
        if (!idle.empty() && !options_.dry_run) {
            scai::db::in_tx(parts_.pool, Scope::all_tenants(), [&](Tx& tx) {
                for (const auto& tenant : idle)
                    store::note_tenant(tx, tenant, row_);
            });
        }
        return out;
    }

    /// nullopt: walked and staged. Else why not.
    std::optional<std::string> stage(const scai::directory::Tenant& tenant, store::Walk& walk) {
        walk.tenant = tenant;
        if (job_.must_stop())
            return stopped_text;
        try {
            walk = stage_tenant(parts_.pool, *source_, tenant);
        } catch (const scai::db::Error& error) {
            if (fatal(error))
                throw;
            return refused_text(error);
        }
        result_.upstream_calls += walk.report.calls;
        if (walk.report.failed)
            return scai::directory::sentence(*walk.report.failed);
        if (job_.must_stop())
            return stopped_text;
        return std::nullopt;
    }

    void run_live(const std::vector<scai::directory::Tenant>& tenants,
                  const scai::directory::Directory::Tenants& listed) {
        store::Listed so_far;
        std::int64_t staged = 0;
        for (const auto& tenant : tenants) {
            store::Walk walk;
            auto why_not = stage(tenant, walk);
            if (why_not) {
                result_.tenants.push_back(untouched(walk, *why_not));
                continue;
            }
            progress(tenant.id, "apply");
            result_.tenants.push_back(apply_live(walk, so_far));
            staged += walk.users + walk.groups + walk.members;
            if (staged > 100000) { // a large tenant's rows need not lie about while the next is walked
                scai::db::in_tx(parts_.pool, Scope::none(), [](Tx& tx) { store::empty_staging(tx); });
                staged = 0;
            }
        }
        result_.changes_truncated = so_far.truncated;
        // Built anew by a replayed transaction, so assigned at its end only.
        const auto gone = scai::db::in_tx(parts_.pool, Scope::all_tenants(), [&](Tx& tx) {
            Closing closing;
            missing(tx, listed, closing);
            return closing;
        });
        take(scai::db::in_tx(parts_.pool, Scope::all_tenants(), [&](Tx& tx) {
            Closing closing = gone;
            settle_roles(tx, result_.tenants, closing);
            return closing;
        }));
        auto reader = parts_.pool.read(Scope::all_tenants());
        result_.changes =
            store::read_changes(reader, row_.number, static_cast<std::int64_t>(options_.max_changes));
        result_.changes_truncated =
            result_.changes_truncated || result_.changes.size() == options_.max_changes;
    }

    TenantResult apply_live(const store::Walk& walk, store::Listed& so_far) {
        try {
            auto applied = scai::db::in_tx(parts_.pool, Scope::all_tenants(), [&](Tx& tx) {
                store::prepare_session(tx);
                return apply_walk(tx, walk, row_, options_, limits_, so_far);
            });
            so_far = applied.listed;
            // At once, not at the end of the run: who moved is somebody's last super_admin perhaps. In a
            // transaction of its own because of the order of the locks.
            const auto moved = scai::db::in_tx(parts_.pool, Scope::all_tenants(), [&](Tx& tx) {
                return let_grants_follow(tx, row_, job_.id());
            });
            result_.messages.insert(result_.messages.end(), moved.begin(), moved.end());
            return std::move(applied.result);
        } catch (const scai::db::Error& error) {
            if (fatal(error))
                throw;
            return untouched(walk, refused_text(error));
        }
    }

    /// All tenants, the missing ones and the roles in one transaction, so that each sees what the others
    /// would have done; then it is rolled back.
    void run_dry(const std::vector<scai::directory::Tenant>& tenants,
                 const scai::directory::Directory::Tenants& listed) {
        std::vector<store::Walk> walks;
        std::vector<TenantResult> failed;
        for (const auto& tenant : tenants) {
            store::Walk walk;
            if (auto why_not = stage(tenant, walk))
                failed.push_back(untouched(walk, *why_not));
            else
                walks.push_back(std::move(walk));
        }
        progress("", "apply");
        std::vector<TenantResult> results;
        std::vector<Change> changes;
        store::Listed so_far;
        Closing closing;
        try {
            scai::db::in_tx(parts_.pool, Scope::all_tenants(), [&](Tx& tx) {
                store::prepare_session(tx);
                results = failed;
                so_far = {};
                for (const auto& walk : walks) {
                    auto applied = apply_walk(tx, walk, row_, options_, limits_, so_far);
                    so_far = applied.listed;
                    results.push_back(std::move(applied.result));
                }
                closing = {};
                missing(tx, listed, closing);
                settle_roles(tx, results, closing);
                changes = store::read_changes(tx, row_.number, most_changes_in_memory);
                throw RolledBack();
            });
        } catch (const RolledBack&) { // as intended
        }
        std::ranges::sort(results, {}, &TenantResult::tenant_id);
        result_.tenants = std::move(results);
        result_.changes = std::move(changes);
        result_.changes_truncated = so_far.truncated || result_.changes.size() == most_changes_in_memory;
        take(closing);
    }

    /// Tenants that a complete list no longer names.
    void missing(Tx& tx, const scai::directory::Directory::Tenants& listed, Closing& closing) {
        if (listed.complete && !options_.tenant && !job_.must_stop())
            remove_missing(tx, row_, listed, limits_, closing);
    }

    /// The roles, after everything else. `results`: the tenants.
    void settle_roles(Tx& tx, const std::vector<TenantResult>& results, Closing& closing) {
        // A run that believed no listing changes no role either: upstream down or a breaker must not become
        // the moment at which somebody is demoted.
        const bool believed = std::ranges::any_of(
            results, [](const TenantResult& tenant) { return tenant.error.empty() && !tenant.breaker; });
        if (believed && !job_.must_stop())
            reconcile_roles(tx, row_, job_.id(), parts_.settings.super_admin_groups, closing);
    }

    void take(const Closing& closing) {
        report(closing, result_);
        if (!closing.roles) {
            auto reader = parts_.pool.read(Scope::all_tenants());
            result_.super_admin_count = roles::store::active_super_admins(reader);
        }
    }

    void add_up() {
        if (std::exchange(added_up_, true))
            return;
        for (const auto& tenant : result_.tenants)
            sum(result_.counters, tenant.counters);
    }

    void conclude() {
        add_up();
        std::size_t failed = 0;
        for (const auto& tenant : result_.tenants) {
            result_.partial = result_.partial || tenant.partial;
            failed += tenant.error.empty() ? 0 : 1;
            if (!result_.breaker)
                result_.breaker = tenant.breaker;
            if (tenant.users_method == "member_walk" ||
                (!result_.users_method && !tenant.users_method.empty()))
                result_.users_method = tenant.users_method;
        }
        if (result_.super_admin_count == 0) {
            say(result_.messages, "warning", "no_super_admin",
                "ScaiKey sync OK but no super_admin elected. Two ways to bootstrap:\n"
                "  (manual)  scaiflow-admin grant <email> --role super_admin\n"
                "  (group)   set SCAIFLOW_SUPER_ADMIN_GROUPS to a comma-separated list of group ids/names");
        }
        const bool nothing_done = failed > 0 && failed == result_.tenants.size();
        if (result_.breaker)
            close("breaker", scai::job::exit_breaker);
        else if (nothing_done && job_.must_stop())
            close("failed", scai::job::exit_failure);
        else if (nothing_done)
            close("unavailable", scai::job::exit_unavailable);
        else
            close(result_.partial ? "partial" : "done", scai::job::exit_ok);
    }

    void close(const std::string& outcome, int exit_code) {
        result_.outcome = outcome;
        result_.exit_code = exit_code;
        result_.duration_seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
        auto stored = to_json(result_, false);
        const auto messages = stored.get("messages");
        if (options_.tenant)
            stored.set("only_tenant", *options_.tenant);
        scai::db::in_tx(parts_.pool, Scope::all_tenants(), [&](Tx& tx) {
            if (store::finish_run(tx, row_.number, outcome, stored.dump(), messages.dump()))
                store::empty_staging(tx);
        });
    }

    static std::string refused_text(const scai::db::Error& error) {
        return "the database refused this tenant's rows (SQLSTATE " + error.sqlstate() +
               "); nothing of it was changed";
    }

    static constexpr auto stopped_text =
        "the run was stopped before this tenant was done; nothing of it was changed";
    static constexpr std::size_t most_changes_in_memory = 100000;

    Parts& parts_;
    const SweepOptions& options_;
    scai::job::Run& job_;
    SweepResult& result_;
    const Limits limits_;
    store::RunRow row_;
    bool added_up_ = false;
    std::unique_ptr<Source> source_;
    const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

SweepResult skipped(const SweepOptions& options, const char* reason, int exit_code, std::string text) {
    SweepResult result;
    result.outcome = "skipped";
    result.dry_run = options.dry_run;
    result.skipped_reason = reason;
    result.exit_code = exit_code;
    result.messages.push_back({exit_code == scai::job::exit_ok ? "info" : "error", reason, std::move(text)});
    return result;
}

bool due(Parts& parts) {
    if (parts.settings.interval_minutes == 0)
        return false;
    auto reader = parts.pool.read(Scope::none());
    const auto last = store::last_run(reader);
    const std::int64_t interval = parts.settings.interval_minutes * 60;
    // Less than nothing ago: the clock was set back since; waiting for it to catch up could take forever.
    if (!last || last->seconds_ago < 0 ||
        last->seconds_ago + due_slack_seconds >=
            (last->failed ? std::min(interval, retry_seconds) : interval))
        return true;
    return store::requested(reader);
}

void log_messages(const SweepResult& result) {
    const auto write = [&](const scai::directory::Message& message, const std::string& tenant) {
        if (message.level == "info")
            return;
        scai::log::write(message.level == "error" ? scai::log::Level::error : scai::log::Level::warn,
                         "sync." + message.code,
                         {{"text", message.text}, {"tenant", tenant}, {"run", result.run_id}});
    };
    for (const auto& tenant : result.tenants) {
        for (const auto& message : tenant.messages)
            write(message, tenant.tenant_id);
        if (!tenant.error.empty())
            write({"error", "tenant_failed", tenant.error}, tenant.tenant_id);
    }
    for (const auto& message : result.messages)
        write(message, "");
    scai::log::info("sync." + result.outcome,
                    {{"run", result.run_id},
                     {"users_seen", result.counters.users_seen},
                     {"groups_seen", result.counters.groups_seen},
                     {"memberships_seen", result.counters.memberships_seen},
                     {"upstream_calls", static_cast<std::int64_t>(result.upstream_calls)},
                     {"seconds", result.duration_seconds}});
}

} // namespace

SweepResult sweep(Parts& parts, const SweepOptions& options) {
    if (!parts.settings.missing.empty()) {
        auto result = skipped(options, "credentials_missing", scai::job::exit_config,
                              "ScaiKey cannot be asked: " + parts.settings.missing + " not set");
        log_messages(result);
        return result;
    }
    if (options.if_due && !due(parts)) {
        return skipped(options, "not_due", scai::job::exit_ok,
                       parts.settings.interval_minutes == 0
                           ? "SCAIFLOW_SYNC_INTERVAL_MINUTES is 0: periodic sweeps are switched off"
                           : "the last sweep is less than " +
                                 std::to_string(parts.settings.interval_minutes) +
                                 " minutes old (SCAIFLOW_SYNC_INTERVAL_MINUTES)");
    }
    SweepResult result;
    result.dry_run = options.dry_run;
    std::exception_ptr lost;
    const auto ran = scai::job::run(
        parts.pool, {"scaiflow", "sync", deadline}, parts.clock, options.trigger, [&](scai::job::Run& job) {
            Sweeper sweeper(parts, options, job, result);
            try {
                sweeper.run();
            } catch (const std::exception& error) {
                lost = std::current_exception();
                const auto* database = dynamic_cast<const scai::db::Error*>(&error);
                result.outcome = database && fatal(*database) ? "unavailable" : "failed";
                result.exit_code =
                    database && fatal(*database) ? scai::job::exit_unavailable : scai::job::exit_software;
                sweeper.fail(database ? "the database failed (SQLSTATE " + database->sqlstate() +
                                            "); tenants that were not finished are as they were"
                                      : std::string(error.what()));
                throw;
            }
            return scai::job::Outcome{result.exit_code, result.outcome, to_json(result, false), ""};
        });
    if (const auto* locked = std::get_if<scai::job::Locked>(&ran)) {
        result = skipped(options, "already_running", scai::job::exit_locked,
                         "another sweep is running: " + locked->holder);
        result.holder = locked->holder;
        return result;
    }
    if (lost) {
        log_messages(result);
        std::rethrow_exception(lost);
    }
    if (result.outcome.empty()) { // the lock itself could not be had: the database does not answer
        const auto& outcome = std::get<scai::job::Outcome>(ran);
        result.outcome = outcome.outcome;
        result.exit_code = outcome.exit_code;
        result.messages.push_back({"error", "database_unavailable", "the database failed: " + outcome.error});
    }
    log_messages(result);
    return result;
}

} // namespace scaiflow::mirror
