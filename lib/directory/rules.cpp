// SPDX-License-Identifier: Apache-2.0
#include "lib/directory/rules.hpp"

#include <algorithm>

namespace scai::directory {

namespace {

/// "12 of 40 users would be removed; the limit is 50 (...)"
std::string deletes_line(const std::string& what, const Tally& tally, const Limits& limits) {
    return std::to_string(tally.remove) + " of " + std::to_string(tally.live) + " " + what +
           " would be removed; the limit is " + std::to_string(limits.of(tally.live)) +
           " (the larger of SCAIFLOW_SYNC_MAX_DELETES=" + std::to_string(limits.max_deletes) +
           " and SCAIFLOW_SYNC_MAX_DELETE_PERCENT=" + std::to_string(limits.max_percent) +
           "). Nothing was changed. If the removals are right, run the sync once with --force";
}

std::string empty_line(const std::string& what, std::int64_t live, const std::string& of_what = "") {
    return "ScaiKey listed no " + what + " at all, while the mirror has " + std::to_string(live) + of_what +
           ": this is taken for a fault upstream (credentials, scopes, application assignment), and "
           "nothing was changed. --force does not pass this stop";
}

void add(std::optional<Stop>& stop, const char* kind, const char* object, const Tally& tally,
         std::int64_t limit, std::string line) {
    if (!stop)
        stop = Stop{kind, object, tally.remove, limit, {}};
    stop->lines.push_back(std::move(line));
}

} // namespace

Proof prove(const Report& report, std::int64_t frozen_groups, std::int64_t damaged_rows) {
    Proof proof;
    if (report.failed)
        return {.partial = true};
    const bool effective = report.users_method == "effective_users";
    proof.frozen = frozen_groups > 0 || !report.unknown_groups.empty();
    proof.groups = report.groups_complete;
    if (effective) {
        proof.users = report.users_complete ? UserProof::all : UserProof::none;
    } else {
        // Somebody listed in no group that was read may sit in the one that was not.
        proof.users = proof.groups && !proof.frozen ? UserProof::member_walk : UserProof::none;
    }
    proof.partial = !proof.groups || proof.frozen || proof.users == UserProof::none || damaged_rows > 0;
    return proof;
}

const char* to_text(UserProof proof) {
    switch (proof) {
    case UserProof::none:
        return "none";
    case UserProof::member_walk:
        return "member_walk";
    case UserProof::all:
        return "all";
    }
    return "none";
}

std::int64_t Limits::of(std::int64_t live) const {
    return std::max(max_deletes, live * max_percent / 100);
}

std::optional<Stop> judge(const Tallies& tallies, const Limits& limits) {
    std::optional<Stop> stop;
    if (tallies.users.seen == 0 && tallies.users.remove > 0)
        add(stop, "empty_upstream", "users", tallies.users, 0, empty_line("users", tallies.users.live));
    if (tallies.groups.seen == 0 && tallies.groups.remove > 0)
        add(stop, "empty_upstream", "groups", tallies.groups, 0, empty_line("groups", tallies.groups.live));
    if (stop || limits.force)
        return stop;
    if (tallies.memberships.seen == 0 && tallies.groups_losing_members > 1) {
        add(stop, "empty_upstream", "memberships", tallies.memberships, 0,
            "ScaiKey listed no member in any group, while the mirror has " +
                std::to_string(tallies.memberships.live) +
                " memberships: this is taken for a fault upstream, and nothing was changed. If every group "
                "is "
                "really empty, run the sync once with --force");
    }
    const auto check = [&](const char* object, const Tally& tally) {
        if (tally.remove > limits.of(tally.live))
            add(stop, "deletes", object, tally, limits.of(tally.live), deletes_line(object, tally, limits));
    };
    check("users", tallies.users);
    check("groups", tallies.groups);
    check("memberships", tallies.memberships);
    return stop;
}

std::optional<Stop> judge_missing_tenants(const Tallies& tallies, std::int64_t listed, const Limits& limits) {
    const std::int64_t removed = tallies.users.remove + tallies.groups.remove + tallies.memberships.remove;
    if (listed == 0 && removed > 0)
        return Stop{"empty_upstream",
                    "users",
                    removed,
                    0,
                    {empty_line("tenants", removed, " users, groups and memberships of tenants")}};
    auto stop = judge({.users = {tallies.users.live, 1, tallies.users.remove},
                       .groups = {tallies.groups.live, 1, tallies.groups.remove},
                       .memberships = {tallies.memberships.live, 1, tallies.memberships.remove}},
                      limits);
    if (stop) {
        for (std::string& line : stop->lines)
            line = "tenants that ScaiKey no longer lists: " + line;
    }
    return stop;
}

} // namespace scai::directory
