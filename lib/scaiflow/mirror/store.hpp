// Store of the sweep: all its SQL. Three files: store_runs.cpp (run rows, reading), store_diff.cpp (staged
// rows against the mirror), store_apply.cpp (writing the difference). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/directory/directory.hpp"
#include "lib/scaiflow/mirror/shared.hpp"
#include "lib/scaiflow/mirror/sweep.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace scaiflow::mirror::store {

using scai::db::Reader;
using scai::db::Tx;

struct RunRow {
    std::int64_t number = 0;
    std::string started_at; ///< timestamptz as text: what the mirror is true as of; goes back unchanged
    std::vector<std::string> killed; ///< runs before it whose process did not live to end them
};

/// Closes what a killed run left open, empties the staging tables, writes the row of this run.
RunRow begin_run(Tx& tx, const std::string& id, const SweepOptions& options);
/// True while the run's row is open; keeps it so until the transaction ends. False: another run took over.
bool hold_run(Tx& tx, std::int64_t number);
/// False when another run has closed it already.
bool finish_run(Tx& tx, std::int64_t number, const std::string& outcome, const std::string& result_json,
                const std::string& messages_json);
void empty_staging(Tx& tx);

struct LastRun {
    std::int64_t seconds_ago = 0;
    bool failed = false; ///< it could not do its work: ScaiKey or the database did not answer
};
/// The last finished full run that was no dry run and did start to work.
std::optional<LastRun> last_run(Reader& reader);
/// A webhook asked for a sweep since.
bool requested(Reader& reader);
/// Settings of a long set-based transaction: no time limit, plans for the rows at hand.
void prepare_session(Tx& tx);
/// Hash joins only, for everything that reads staging tables: they never have statistics, and a nested loop
/// over a million rows that were thought to be few does not end.
void hash_joins_only(Tx& tx, bool on);
void lock_mirror(Tx& tx, const std::string& tenant);

std::int64_t next_walk(Tx& tx);

/// One tenant's walk, staged.
struct Walk {
    std::int64_t number = 0;
    scai::directory::Tenant tenant;
    scai::directory::Report report;
    std::int64_t users = 0, groups = 0, members = 0; ///< rows staged
    std::int64_t nested = 0;                         ///< of those members: groups
    std::int64_t damaged = 0;                        ///< rows that could not be staged
};

/// False when the staging tables do not hold what was staged (the database crashed in between).
bool staging_intact(Tx& tx, const Walk& walk);

/// Groups whose memberships stay as they are; returns how many.
std::int64_t mark_frozen(Tx& tx, const Walk& walk);
void build_closure(Tx& tx, const Walk& walk);

/// Rows of a difference by what they ask for; a statement with nothing to do is not sent.
struct Diff {
    Tally tally;
    std::int64_t added = 0, changed = 0; ///< removed: tally.remove
};
struct UserDiff : Diff {
    std::int64_t unverified = 0;
};
UserDiff diff_users(Tx& tx, const Walk& walk, const RunRow& run, UserProof proof);
Diff diff_groups(Tx& tx, const Walk& walk, const RunRow& run, bool proven);
Diff diff_memberships(Tx& tx, const Walk& walk, const RunRow& run);
/// Groups that lose members by the difference; call it only when there are removals.
std::int64_t groups_losing_members(Tx& tx, const Walk& walk);

// Each returns what it changed, counted by the statement that changed it.
void apply_users(Tx& tx, const Walk& walk, const RunRow& run, const Diff& diff, Counters& counters);
void apply_groups(Tx& tx, const Walk& walk, const RunRow& run, const Diff& diff, Counters& counters);
void apply_edges(Tx& tx, const Walk& walk, bool groups_proven);
void apply_memberships(Tx& tx, const Walk& walk, const RunRow& run, const Diff& diff, Counters& counters);
/// `complete`: nothing about this tenant is unknown, so the run's start becomes its watermark.
void apply_tenant(Tx& tx, const Walk& walk, const RunRow& run, bool partial, bool complete);

struct Listed {
    std::int64_t users = 0, groups = 0, memberships = 0; ///< additions listed so far, per kind
    bool truncated = false;
};
/// Writes the difference of a walk into sync_changes: everything but additions, and additions up to `cap`.
void list_changes(Tx& tx, const Walk& walk, const RunRow& run, std::int64_t cap, Listed& listed);
void list_role_change(Tx& tx, const RunRow& run, const Change& change);
std::vector<Change> read_changes(Reader& reader, std::int64_t run, std::int64_t limit);

/// Manual and bootstrap super_admin grants of users who are gone from one tenant and live in another follow
/// them; tenant_admin stays behind. Returns the moves, for the messages.
struct Move {
    std::string user_id, from, to, role, source;
};
std::vector<Move> move_grants(Tx& tx, const RunRow& run, const std::string& run_id);

/// Tenants of the mirror that are not among `listed`.
std::vector<std::string> missing_tenants(Reader& reader, const std::vector<std::string>& listed);
/// live: of the whole mirror; remove: of these tenants.
Tallies tally_tenants(Tx& tx, const std::vector<std::string>& tenants, const RunRow& run);
void remove_tenants(Tx& tx, const std::vector<std::string>& tenants, const RunRow& run, Counters& counters);
/// A listed tenant that is not ACTIVE is not walked; its status is kept up to date.
void note_tenant(Tx& tx, const scai::directory::Tenant& tenant, const RunRow& run);

} // namespace scaiflow::mirror::store
