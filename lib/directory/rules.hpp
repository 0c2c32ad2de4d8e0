// Rules: what a walk proves, and when a sweep must stop rather than remove. Pure decisions (design.md
// section 7, rules 1 and 2); the words an admin reads about them are made here too.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/directory/directory.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace scai::directory {

/// Whose absence from the user listing means that the user is gone.
enum class UserProof {
    none,        ///< listing incomplete: nobody's
    member_walk, ///< every group read completely: of users only ever seen as group members
    all,         ///< effective users read completely: everybody's
};

/// What one walk proves once its rows are staged.
struct Proof {
    UserProof users = UserProof::none;
    bool groups = false; ///< a group that is not listed is gone
    bool frozen = false; ///< some groups' members are unknown
    bool partial = false;
};

/// `frozen_groups`: groups left as they are, nested parents included. `damaged_rows`: rows whose id cannot be
/// stored; they never were in the mirror, so they prove and disprove nothing, but the mirror lacks them.
Proof prove(const Report& report, std::int64_t frozen_groups, std::int64_t damaged_rows);

const char* to_text(UserProof proof); ///< none, member_walk, all

/// One kind of object: what the mirror holds, what upstream listed, what would be removed.
struct Tally {
    std::int64_t live = 0, seen = 0, remove = 0;
};

struct Tallies {
    Tally users, groups, memberships;
    std::int64_t groups_losing_members = 0;
};

struct Limits {
    std::int64_t max_deletes = 50, max_percent = 10;
    bool force = false;
    /// max(max_deletes, max_percent of live)
    std::int64_t of(std::int64_t live) const;
};

struct Stop {
    std::string kind;   ///< deletes | empty_upstream
    std::string object; ///< users, groups, memberships: the first that stops
    std::int64_t would_remove = 0, limit = 0;
    std::vector<std::string> lines; ///< one per object that stops, in words
};

/// Judges each kind of object by its own live rows. An empty listing of users or groups over a mirror that
/// has some is stopped even with force. Memberships are judged by number, and stopped when several groups
/// lose all of theirs so that none is left anywhere; force passes both, because that can be the truth: the
/// last member of the last group may leave.
std::optional<Stop> judge(const Tallies& tallies, const Limits& limits);

/// Tenants that a complete tenant list no longer names, judged together against the whole mirror.
/// `listed` tenants: none at all is an empty answer, which nothing passes.
std::optional<Stop> judge_missing_tenants(const Tallies& tallies, std::int64_t listed, const Limits& limits);

} // namespace scai::directory
