// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/identity/sync.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/directory/staging.hpp"
#include "lib/job/job.hpp"
#include "lib/scaivault/identity/store.hpp"
#include "lib/scaivault/identity/store_sync.hpp"

#include <algorithm>
#include <set>

namespace scaivault::identity {

using scai::db::Scope;
using scai::db::Tx;
using scai::directory::Message;
using scai::json::Value;

namespace {

// Cron starts a little late: an hourly run must not find itself seconds too early.
constexpr std::int64_t due_slack_seconds = 30;
// A run that failed is tried again sooner than an interval later, but not at every tick of cron.
constexpr std::int64_t retry_seconds = 300;

/// Carries a dry run out of the transaction that it rolls back.
struct RolledBack {};

struct TenantOutcome {
    std::string id, error;
    std::optional<scai::directory::Stop> stop;
    bool partial = false;
    std::int64_t users_seen = 0, groups_seen = 0, memberships_seen = 0;
    store::Written written;
    std::vector<Message> messages;
};

Value json_of(const TenantOutcome& tenant) {
    Value out = Value::object({{"tenant_id", tenant.id},
                               {"users_seen", tenant.users_seen},
                               {"groups_seen", tenant.groups_seen},
                               {"memberships_seen", tenant.memberships_seen},
                               {"users_changed", tenant.written.users_changed},
                               {"users_removed", tenant.written.users_removed},
                               {"groups_changed", tenant.written.groups_changed},
                               {"groups_removed", tenant.written.groups_removed},
                               {"memberships_changed", tenant.written.memberships_changed},
                               {"memberships_removed", tenant.written.memberships_removed},
                               {"partial", tenant.partial}});
    if (!tenant.error.empty())
        out.set("error", tenant.error);
    if (tenant.stop)
        out.set("breaker", Value::object({{"kind", tenant.stop->kind},
                                          {"would_remove", tenant.stop->would_remove},
                                          {"limit", tenant.stop->limit}}));
    return out;
}

Value json_of(const std::vector<Message>& messages) {
    Value out = Value::array();
    for (const auto& message : messages)
        out.push(Value::object({{"level", message.level}, {"code", message.code}, {"text", message.text}}));
    return out;
}

/// One extent read and applied.
class Run {
public:
    Run(SyncParts& parts, const SyncOptions& options, const std::function<bool()>& must_stop, Extent extent)
        : parts_(parts), options_(options), must_stop_(must_stop),
          extent_(std::move(extent)), limits_{parts.settings.max_deletes, parts.settings.max_percent,
                                              options.force} {}

    std::vector<TenantOutcome> tenants;
    std::vector<Message> messages;
    std::string failure;                       ///< nothing could be read
    std::string code = "upstream_unavailable"; ///< of the failure
    bool stopped = false;

    void execute() {
        started_at_ = scai::db::in_tx(parts_.pool, Scope::none(), [](Tx& tx) {
            store::empty_staging(tx);
            return store::now_text(tx);
        });
        if (unknown_tenant()) {
            failure = "there is no tenant " + extent_.tenant_id +
                      ", neither at ScaiKey nor in the copy of its directory";
            code = "no_such_tenant";
            return;
        }
        source_ = parts_.sources(extent_.tenant_id, must_stop_, {});
        auto listed = source_->tenants();
        if (!listed) {
            failure = scai::directory::sentence(listed.error());
            return;
        }
        messages = listed->messages;
        put_partners();
        std::set<std::string> seen;
        for (const auto& tenant : listed->tenants) {
            if (!wanted(tenant) || !seen.insert(tenant.id).second)
                continue;
            if (!tenant.status.empty() && !scai::iequals(tenant.status, "ACTIVE")) {
                idle(tenant);
                continue;
            }
            tenants.push_back(one(tenant));
        }
        if (seen.empty() && !extent_.everything())
            messages.push_back({"warning", "nothing_to_read",
                                "ScaiKey lists no tenant of " +
                                    (extent_.partner_id.empty() ? "the id " + extent_.tenant_id
                                                                : "partner " + extent_.partner_id) +
                                    ": nothing was read"});
        if (listed->complete && extent_.everything() && !must_stop_())
            missing(*listed);
    }

private:
    /// ScaiKey is not asked whether a tenant is there when it is named. The list of all says so, if it may be
    /// read.
    bool unknown_tenant() {
        if (extent_.tenant_id.empty())
            return false;
        {
            auto reader = parts_.pool.read(Scope::none());
            if (store::partner_of(reader, extent_.tenant_id))
                return false;
        }
        const auto listed = parts_.sources("", must_stop_, {})->tenants();
        return listed && listed->complete &&
               std::none_of(listed->tenants.begin(), listed->tenants.end(),
                            [&](const auto& tenant) { return tenant.id == extent_.tenant_id; });
    }

    bool wanted(const scai::directory::Tenant& tenant) const {
        return (extent_.tenant_id.empty() || tenant.id == extent_.tenant_id) &&
               (extent_.partner_id.empty() || tenant.partner_id == extent_.partner_id);
    }

    void put_partners() {
        if (options_.dry_run || !extent_.tenant_id.empty())
            return;
        const auto partners = source_->partners();
        scai::db::in_tx(parts_.pool, Scope::none(), [&](Tx& tx) { store::put_partners(tx, partners); });
    }

    /// Not gone: its users stay as they are, its status says that nobody of it gets in.
    void idle(const scai::directory::Tenant& tenant) {
        messages.push_back(
            {"info", "tenant_inactive",
             "tenant " + tenant.id + " is " + tenant.status + ": its users and groups stay as they are"});
        if (!options_.dry_run)
            scai::db::in_tx(parts_.pool, Scope::none(), [&](Tx& tx) { store::note_tenant(tx, tenant); });
    }

    TenantOutcome one(const scai::directory::Tenant& tenant) {
        TenantOutcome out;
        out.id = tenant.id;
        store::Walk walk;
        walk.tenant = tenant;
        walk.started_at = started_at_;
        try {
            walk.number =
                scai::db::in_tx(parts_.pool, Scope::none(), [](Tx& tx) { return store::next_walk(tx); });
            scai::directory::Staging staging(parts_.pool, "scaivault", walk.number);
            walk.report = source_->walk(tenant, staging);
            out.messages = walk.report.messages;
            if (walk.report.failed || must_stop_()) {
                out.error = walk.report.failed ? scai::directory::sentence(*walk.report.failed)
                                               : "stopped before this tenant was done";
                out.partial = true;
                return out;
            }
            staging.finish();
            walk.users = staging.users();
            walk.groups = staging.groups();
            walk.members = staging.members();
            walk.damaged = staging.damaged();
            apply(walk, out);
        } catch (const scai::db::Error& error) {
            if (error.connection_lost() || dynamic_cast<const scai::db::Unavailable*>(&error) != nullptr ||
                dynamic_cast<const scai::db::InDoubt*>(&error) != nullptr)
                throw;
            out.error = "the database refused this tenant's rows (SQLSTATE " + error.sqlstate() +
                        "); nothing of it was changed";
            out.partial = true;
        }
        return out;
    }

    void apply(const store::Walk& walk, TenantOutcome& out) {
        const auto before = out;
        try {
            scai::db::in_tx(parts_.pool, Scope::all_tenants(), [&](Tx& tx) {
                out = before; // a replayed transaction starts from nothing
                apply_in(tx, walk, out);
                if (options_.dry_run)
                    throw RolledBack();
            });
        } catch (const RolledBack&) { // as intended
        }
    }

    void apply_in(Tx& tx, const store::Walk& walk, TenantOutcome& out) {
        store::prepare(tx);
        store::lock(tx, walk.tenant.id);
        if (!store::staging_intact(tx, walk)) {
            out.error = "the staged rows are not all there any more; nothing was changed";
            out.partial = true;
            return;
        }
        const auto frozen = store::freeze(tx, walk);
        const auto proof = scai::directory::prove(walk.report, frozen, walk.damaged);
        store::expand(tx, walk);
        const auto tallies = store::tally(tx, walk, proof);
        out.users_seen = tallies.users.seen;
        out.groups_seen = tallies.groups.seen;
        out.memberships_seen = tallies.memberships.seen;
        out.partial = proof.partial;
        if (walk.tenant.status.empty() &&
            tallies.users.seen + tallies.groups.seen + tallies.users.live + tallies.groups.live == 0) {
            out.error = "ScaiKey shows neither users nor groups of tenant " + walk.tenant.id +
                        ": is the id right, and may the credentials read it?";
            return;
        }
        if (frozen > 0)
            out.messages.push_back(
                {"warning", "groups_frozen",
                 std::to_string(frozen) +
                     " groups have members that are unknown in this run: they stay as they were"});
        out.stop = scai::directory::judge(tallies, limits_);
        if (out.stop) {
            for (const auto& line : out.stop->lines)
                out.messages.push_back(
                    {"error", out.stop->kind == "deletes" ? "breaker" : "empty_upstream", line});
            return;
        }
        out.written = store::apply(tx, walk, proof);
        store::apply_tenant(tx, walk, !proof.partial);
    }

    void missing(const scai::directory::Directory::Tenants& listed) {
        std::vector<std::string> ids;
        for (const auto& tenant : listed.tenants)
            ids.push_back(tenant.id);
        scai::db::in_tx(parts_.pool, Scope::all_tenants(), [&](Tx& tx) {
            const auto tallies = store::tally_missing(tx, ids);
            const auto stop = scai::directory::judge_missing_tenants(
                tallies, static_cast<std::int64_t>(ids.size()), limits_);
            if (stop) {
                stopped = true;
                for (const auto& line : stop->lines)
                    messages.push_back({"error", "breaker", line});
            } else if (!options_.dry_run && !ids.empty()) {
                store::remove_missing(tx, ids);
            }
        });
    }

    SyncParts& parts_;
    const SyncOptions& options_;
    const std::function<bool()>& must_stop_;
    const Extent extent_;
    const scai::directory::Limits limits_;
    std::string started_at_;
    std::unique_ptr<scai::directory::Source> source_;
};

struct Sums {
    std::int64_t users = 0, groups = 0;
    Value tenants = Value::array();
    Value counters = Value::object();
    std::string status = "completed";
    int exit_code = scai::job::exit_ok;
};

Sums sum_of(const Run& run) {
    Sums out;
    store::Written total;
    std::size_t failed = 0;
    bool partial = false;
    bool stopped = run.stopped;
    for (const auto& tenant : run.tenants) {
        out.users += tenant.users_seen;
        out.groups += tenant.groups_seen;
        out.tenants.push(json_of(tenant));
        total.users_changed += tenant.written.users_changed;
        total.users_removed += tenant.written.users_removed;
        total.groups_changed += tenant.written.groups_changed;
        total.groups_removed += tenant.written.groups_removed;
        total.memberships_changed += tenant.written.memberships_changed;
        total.memberships_removed += tenant.written.memberships_removed;
        failed += tenant.error.empty() ? 0 : 1;
        partial = partial || tenant.partial;
        stopped = stopped || tenant.stop.has_value();
    }
    out.counters = Value::object({{"users_changed", total.users_changed},
                                  {"users_removed", total.users_removed},
                                  {"groups_changed", total.groups_changed},
                                  {"groups_removed", total.groups_removed},
                                  {"memberships_changed", total.memberships_changed},
                                  {"memberships_removed", total.memberships_removed},
                                  {"tenants", static_cast<std::int64_t>(run.tenants.size())}});
    if (stopped) {
        out.status = "stopped";
        out.exit_code = scai::job::exit_breaker;
    } else if (!run.failure.empty() || (failed > 0 && failed == run.tenants.size())) {
        out.status = "failed";
        out.exit_code = run.code == "no_such_tenant" ? scai::job::exit_usage : scai::job::exit_unavailable;
    } else if (partial || failed > 0) {
        out.status = "partial";
    }
    return out;
}

std::string error_of(const Run& run) {
    if (!run.failure.empty())
        return run.failure;
    for (const auto& tenant : run.tenants)
        if (!tenant.error.empty())
            return "tenant " + tenant.id + ": " + tenant.error;
    for (const auto& tenant : run.tenants)
        if (tenant.stop && !tenant.stop->lines.empty())
            return "tenant " + tenant.id + ": " + tenant.stop->lines.front();
    return {};
}

bool due(SyncParts& parts) {
    if (parts.settings.interval.count() == 0)
        return false;
    auto reader = parts.pool.read(Scope::all_tenants());
    const auto last = store::last_full(reader);
    const auto interval = parts.settings.interval.count();
    return !last || last->first < 0 ||
           last->first + due_slack_seconds >= (last->second ? std::min(interval, retry_seconds) : interval);
}

/// What is to be done now, each extent with the rows that wait for it.
std::vector<std::pair<Extent, std::vector<std::int64_t>>> work_of(SyncParts& parts,
                                                                  const SyncOptions& options) {
    std::vector<std::pair<Extent, std::vector<std::int64_t>>> out;
    const auto add = [&](const Extent& extent, std::int64_t number) {
        const auto same =
            std::find_if(out.begin(), out.end(), [&](const auto& have) { return have.first == extent; });
        if (same == out.end())
            out.push_back({extent, {number}});
        else
            same->second.push_back(number);
    };
    const auto note = [&](const Extent& extent) {
        if (options.dry_run) {
            out.push_back({extent, {}});
            return;
        }
        add(extent, scai::db::in_tx(parts.pool, Scope::all_tenants(), [&](Tx& tx) {
                return store::request(tx, "sync_" + scai::crypto::random_id(16), extent, options.trigger,
                                      options.actor)
                    .number;
            }));
    };
    if (options.extent) {
        note(*options.extent);
        return out;
    }
    if (!options.dry_run)
        for (const auto& row : [&] {
                 auto reader = parts.pool.read(Scope::all_tenants());
                 return store::pending(reader);
             }())
            add(row.extent, row.number);
    const bool asked_for_all =
        std::any_of(out.begin(), out.end(), [](const auto& have) { return have.first.everything(); });
    if (!asked_for_all && (!options.if_due || due(parts)))
        note({});
    return out;
}

} // namespace

SyncReport sync(SyncParts& parts, const SyncOptions& options, const std::function<bool()>& must_stop) {
    SyncReport report;
    report.counters = Value::object();
    report.tenants = Value::array();
    report.outcome = "skipped";
    if (!options.dry_run)
        scai::db::in_tx(parts.pool, Scope::all_tenants(), [](Tx& tx) { store::close_killed(tx); });
    for (const auto& [extent, numbers] : work_of(parts, options)) {
        if (must_stop())
            break;
        if (!options.dry_run)
            scai::db::in_tx(parts.pool, Scope::all_tenants(),
                            [&rows = numbers](Tx& tx) { store::begin(tx, rows); });
        Run run(parts, options, must_stop, extent);
        run.execute();
        const auto sums = sum_of(run);
        auto messages = run.messages;
        for (const auto& tenant : run.tenants)
            messages.insert(messages.end(), tenant.messages.begin(), tenant.messages.end());
        const auto error = error_of(run);
        if (!run.failure.empty())
            messages.push_back({"error", run.code, run.failure});
        if (!options.dry_run)
            scai::db::in_tx(parts.pool, Scope::all_tenants(), [&, &rows = numbers](Tx& tx) {
                store::finish(tx, rows,
                              {.status = sums.status,
                               .counters = sums.counters.dump(),
                               .messages = json_of(messages).dump(),
                               .error = error.empty() ? std::nullopt : std::optional(error),
                               .users = sums.users,
                               .groups = sums.groups});
                store::empty_staging(tx);
            });
        ++report.runs;
        report.exit_code = std::max(report.exit_code, sums.exit_code);
        report.outcome = sums.status == "completed" ? "done" : sums.status;
        report.counters = sums.counters;
        sums.tenants.each_item([&](const Value& tenant) { report.tenants.push(tenant); });
        report.messages.insert(report.messages.end(), messages.begin(), messages.end());
    }
    return report;
}

} // namespace scaivault::identity
