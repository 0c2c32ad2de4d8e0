// SQL of a sync: what a walk staged against the copy of one tenant. The transaction holds lock(): nothing
// moves in between; what an event changed after the run began is left alone. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/directory/directory.hpp"
#include "lib/directory/rules.hpp"

#include <string>
#include <vector>

namespace scaivault::identity::store {

using scai::db::Tx;

struct Walk {
    std::int64_t number = 0;
    scai::directory::Tenant tenant;
    scai::directory::Report report;
    std::string started_at; ///< of the run, as PostgreSQL writes it
    std::int64_t users = 0, groups = 0, members = 0, damaged = 0;
};

void prepare(Tx& tx); ///< settings of a long transaction
std::int64_t next_walk(Tx& tx);
void empty_staging(Tx& tx);
/// Serialises runs and events of a tenant until COMMIT.
void lock(Tx& tx, const std::string& tenant);
bool staging_intact(Tx& tx, const Walk& walk);

/// Groups left as they are; then the effective memberships of all others are staged.
std::int64_t freeze(Tx& tx, const Walk& walk);
void expand(Tx& tx, const Walk& walk);
scai::directory::Tallies tally(Tx& tx, const Walk& walk, const scai::directory::Proof& proof);

struct Written {
    std::int64_t users_changed = 0, users_removed = 0, groups_changed = 0, groups_removed = 0,
                 memberships_changed = 0, memberships_removed = 0;
};
/// Touches no unchanged row.
Written apply(Tx& tx, const Walk& walk, const scai::directory::Proof& proof);
/// `complete`: every listing was proven; then events older than the run are in.
void apply_tenant(Tx& tx, const Walk& walk, bool complete);
void put_partners(Tx& tx, const std::vector<scai::directory::Partner>& partners);
/// Only what a listing says of a tenant that is not walked.
void note_tenant(Tx& tx, const scai::directory::Tenant& tenant);

/// What would go with the tenants that a complete list (`listed`) no longer names.
scai::directory::Tallies tally_missing(Tx& tx, const std::vector<std::string>& listed);
std::int64_t remove_missing(Tx& tx, const std::vector<std::string>& listed);

} // namespace scaivault::identity::store
