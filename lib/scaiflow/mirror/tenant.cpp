// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/mirror/tenant.hpp"

namespace scaiflow::mirror {

namespace {

using scai::db::Scope;

void say(TenantResult& result, const char* level, const char* code, std::string text) {
    result.messages.push_back({level, code, std::move(text)});
}

/// Facts about this walk that its report cannot know.
void explain(TenantResult& result, const store::Walk& walk, std::int64_t frozen, const Proof& proof) {
    if (walk.damaged > 0) {
        say(result, "warning", "rows_unusable",
            std::to_string(walk.damaged) +
                " rows from ScaiKey have no usable id (empty, longer than 255 bytes, or with a NUL) and were "
                "left out");
    }
    if (frozen > 0) {
        say(result, "warning", "groups_frozen",
            std::to_string(frozen) +
                " groups have members that are unknown in this run (unreadable, or nested "
                "in or containing such a group): their memberships stay as they were, "
                "nobody is removed or demoted because of them");
    }
    if (proof.users == UserProof::none) {
        say(result, "warning", "users_unproven",
            walk.report.users_method == "member_walk"
                ? "not every group could be read, so users who were not seen are kept"
                : "the user list could not be read to its end, so users who were not seen are kept");
    }
    if (result.counters.users_unverified > 0 && walk.report.users_method == "member_walk") {
        say(result, "warning", "users_unverified",
            std::to_string(result.counters.users_unverified) +
                " users were not seen in any group and are kept: a member walk cannot prove that they are "
                "gone. "
                "Give the credentials admin:read so that effective_users can be asked");
    }
}

/// A tenant that was named by hand, that ScaiKey did not confirm, and of which nothing exists on either side:
/// a slip of the pen, not an empty tenant. Mirroring it would make it one.
bool nothing_known(const store::Walk& walk, const Tallies& tallies) {
    return walk.tenant.status.empty() && tallies.users.seen + tallies.groups.seen == 0 &&
           tallies.users.live + tallies.groups.live == 0;
}

struct Difference {
    store::UserDiff users;
    store::Diff groups, memberships;
    Tallies tallies;
};

Difference compare(scai::db::Tx& tx, const store::Walk& walk, const store::RunRow& run, const Proof& proof,
                   Counters& counters) {
    Difference out;
    out.users = store::diff_users(tx, walk, run, proof.users);
    out.groups = store::diff_groups(tx, walk, run, proof.groups);
    out.memberships = store::diff_memberships(tx, walk, run);
    out.tallies = {
        .users = out.users.tally, .groups = out.groups.tally, .memberships = out.memberships.tally};
    if (out.memberships.tally.remove > 0)
        out.tallies.groups_losing_members = store::groups_losing_members(tx, walk);
    counters.users_seen = out.users.tally.seen;
    counters.groups_seen = out.groups.tally.seen;
    counters.memberships_seen = out.memberships.tally.seen;
    counters.users_unverified = out.users.unverified;
    return out;
}

Applied apply_staged(scai::db::Tx& tx, const store::Walk& walk, const store::RunRow& run,
                     const SweepOptions& options, const Limits& limits, const store::Listed& listed) {
    Applied out{untouched(walk, ""), listed};
    TenantResult& result = out.result;
    const std::int64_t frozen = store::mark_frozen(tx, walk);
    const Proof proof = prove(walk.report, frozen, walk.damaged);
    store::build_closure(tx, walk);
    const Difference diff = compare(tx, walk, run, proof, result.counters);
    if (nothing_known(walk, diff.tallies)) {
        return {
            untouched(walk,
                      "ScaiKey shows neither users nor groups of tenant " + walk.tenant.id +
                          ", and it is not mirrored yet: is the id right, and may the credentials read it?"),
            listed};
    }
    result.partial = proof.partial;
    explain(result, walk, frozen, proof);

    if (const auto stop = judge(diff.tallies, limits)) {
        result.breaker = Breaker{stop->kind, stop->would_remove, stop->limit};
        for (const std::string& line : stop->lines)
            say(result, "error", stop->kind == "deletes" ? "breaker" : "empty_upstream", line);
        if (options.dry_run) // what it would have done is what the admin must see
            store::list_changes(tx, walk, run, static_cast<std::int64_t>(options.max_changes), out.listed);
        return out;
    }
    store::apply_groups(tx, walk, run, diff.groups, result.counters);
    store::apply_users(tx, walk, run, diff.users, result.counters);
    store::apply_edges(tx, walk, proof.groups);
    store::apply_memberships(tx, walk, run, diff.memberships, result.counters);
    const bool every_user_proven =
        walk.report.users_method == "effective_users" || result.counters.users_unverified == 0;
    store::apply_tenant(tx, walk, run, result.partial, !result.partial && every_user_proven);
    store::list_changes(tx, walk, run, static_cast<std::int64_t>(options.max_changes), out.listed);
    return out;
}

} // namespace

store::Walk stage_tenant(scai::db::Pool& pool, Source& source, const scai::directory::Tenant& tenant) {
    store::Walk walk;
    walk.tenant = tenant;
    walk.number = scai::db::in_tx(pool, Scope::none(), [](scai::db::Tx& tx) { return store::next_walk(tx); });
    scai::directory::Staging staging(pool, "scaiflow", walk.number);
    walk.report = source.walk(tenant, staging);
    if (walk.report.failed)
        return walk;
    staging.finish();
    walk.users = staging.users();
    walk.groups = staging.groups();
    walk.members = staging.members();
    walk.nested = staging.nested();
    walk.damaged = staging.damaged();
    return walk;
}

TenantResult untouched(const store::Walk& walk, std::string why) {
    TenantResult result;
    result.tenant_id = walk.tenant.id;
    result.users_method = walk.report.users_method;
    result.partial = true;
    result.error = std::move(why);
    result.messages = walk.report.messages;
    return result;
}

Applied apply_walk(scai::db::Tx& tx, const store::Walk& walk, const store::RunRow& run,
                   const SweepOptions& options, const Limits& limits, const store::Listed& listed) {
    // Fencing: while this transaction lives, no later run can close ours and start its own.
    if (!store::hold_run(tx, run.number))
        throw Stopped("another sweep has taken over");
    store::lock_mirror(tx, walk.tenant.id);
    if (!store::staging_intact(tx, walk)) {
        return {untouched(walk,
                          "the staged rows are not all there any more (the database restarted during the "
                          "walk); nothing was changed, the next run reads the tenant again"),
                listed};
    }
    store::hash_joins_only(tx, true);
    auto out = apply_staged(tx, walk, run, options, limits, listed);
    store::hash_joins_only(tx, false);
    return out;
}

} // namespace scaiflow::mirror
