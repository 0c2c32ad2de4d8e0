// Walk: one tenant read into a sink: effective users and the group list at the same time, then the members of
// many groups in parallel. Not for other folders. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/directory/listing.hpp"
#include "lib/directory/messages.hpp"

#include <deque>
#include <unordered_map>

namespace scai::directory {

/// Group rows that tenants() already read, so that walk() need not ask again.
struct KnownGroups {
    std::vector<Group> groups;
    Outcome outcome;
};

class Walk {
public:
    Walk(Calls& calls, const Tenant& tenant, Sink& sink,
         const std::function<void(const Progress&)>& progress);
    Report run(std::optional<KnownGroups> known);

private:
    struct Pending {
        std::string id;
        int depth = 0; ///< 0: in the list; deeper: found as a member only
    };

    void list_users();
    void users_done(const Outcome& outcome);
    void list_groups();
    void groups_done(const Outcome& outcome);
    void enqueue(const std::string& id, int depth);
    void pump();
    void list_members(const Pending& group, const std::string& path_template);
    std::string member_row(const Pending& group, simdjson::dom::element row);
    void members_done(const Pending& group, const std::string& path_template, const Outcome& outcome);
    std::optional<std::string> other_path(const std::string& path_template, const Outcome& outcome);
    void mark_unknown(const std::string& id, const std::string& why);
    void say(Message message) { report_.messages.push_back(std::move(message)); }
    void tell(const char* phase, std::uint64_t done, std::uint64_t total) const;
    void conclude();

    Calls& calls_;
    const Tenant& tenant_;
    Sink& sink_;
    const std::function<void(const Progress&)>& progress_;
    Report report_;
    std::optional<Outcome> users_, groups_;
    bool users_decided_ = false; ///< effective_users or member_walk: before that no member row can be judged
    std::deque<Pending> queue_;
    std::unordered_map<std::string, bool> known_groups_; ///< id -> named by the list itself
    std::vector<std::string> absent_;                    ///< named by a member row only, and 404
    std::size_t active_ = 0, groups_read_ = 0;
    std::string first_unknown_, first_unknown_why_;
    std::optional<Failure> members_refused_;
};

} // namespace scai::directory
