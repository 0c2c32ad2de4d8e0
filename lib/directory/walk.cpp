// SPDX-License-Identifier: Apache-2.0
#include "lib/directory/walk.hpp"

#include "lib/base/strings.hpp"
#include "lib/directory/rows.hpp"

namespace scai::directory {

namespace {

constexpr int max_depth = 20; ///< of groups that only other groups name
constexpr int max_members_path_doubts = 3;
constexpr const char* tenant_members_path = "/api/v1/tenants/{tenant_id}/groups/{group_id}/members";

std::string fill(std::string path, std::string_view name, const std::string& value) {
    for (auto at = path.find(name); at != std::string::npos; at = path.find(name, at))
        path.replace(at, name.size(), scai::percent_encode(value));
    return path;
}

} // namespace

Walk::Walk(Calls& calls, const Tenant& tenant, Sink& sink,
           const std::function<void(const Progress&)>& progress)
    : calls_(calls), tenant_(tenant), sink_(sink), progress_(progress) {
    report_.users_method = "effective_users";
}

void Walk::tell(const char* phase, std::uint64_t done, std::uint64_t total) const {
    if (progress_)
        progress_({tenant_.id, phase, done, total});
}

Report Walk::run(std::optional<KnownGroups> known) {
    const std::uint64_t before = calls_.made();
    list_users();
    if (known) {
        for (const Group& group : known->groups) {
            ++report_.groups_rows;
            sink_.group(group);
            enqueue(group.id, 0);
        }
        groups_done(known->outcome);
    } else {
        list_groups();
    }
    calls_.run();
    report_.calls = calls_.made() - before;
    conclude();
    return std::move(report_);
}

void Walk::list_users() {
    Listing::Spec spec;
    spec.kind = "users";
    spec.path = "/api/v1/tenants/" + scai::percent_encode(tenant_.id) + "/applications/" +
                scai::percent_encode(calls_.settings.application_id) + "/effective-users";
    spec.row = [this](simdjson::dom::element row) {
        auto mapped = map_user(row, tenant_.id);
        if (!mapped.id.empty() && !mapped.deleted) {
            ++report_.users_rows;
            sink_.user(mapped.value);
        }
        return mapped.id;
    };
    spec.page = [this](const Cursor& cursor) {
        ++report_.pages;
        tell("users", cursor.rows(), static_cast<std::uint64_t>(cursor.total().value_or(0)));
        if (!users_decided_) {
            users_decided_ = true;
            pump();
        }
    };
    spec.done = [this](const Outcome& outcome) { users_done(outcome); };
    Listing::start(calls_, std::move(spec));
}

void Walk::users_done(const Outcome& outcome) {
    users_ = outcome;
    // Only a refusal of the first page means that the fast path is closed. Later it means that something
    // broke: who was read stays read, and the listing proves nothing.
    const bool closed = outcome.failure && outcome.first_failed &&
                        (outcome.failure->status == 403 || outcome.failure->absent());
    if (closed) {
        report_.users_method = "member_walk";
        say(outcome.failure->status == 403
                ? users_forbidden(tenant_.id, *outcome.failure)
                : application_missing(tenant_.id, calls_.settings.application_id, *outcome.failure));
        say(member_walk_in_use(tenant_.id));
    } else if (!outcome.complete) {
        say(users_unread(tenant_.id, outcome));
    } else {
        report_.users_complete = true;
        if (report_.users_rows == 0)
            say(nobody_assigned(tenant_.id));
    }
    users_decided_ = true;
    pump();
}

void Walk::list_groups() {
    Listing::Spec spec;
    spec.kind = "groups";
    spec.path = "/api/v1/admin/groups/";
    spec.filter = "tenant_id=" + scai::percent_encode(tenant_.id);
    spec.row = [this](simdjson::dom::element row) {
        auto mapped = map_group(row);
        if (mapped.value.tenant_id.empty())
            mapped.value.tenant_id = tenant_.id;
        // A server that ignores the filter lists other tenants' groups too: counted, but none of ours.
        if (!mapped.id.empty() && !mapped.deleted && mapped.value.tenant_id == tenant_.id) {
            ++report_.groups_rows;
            sink_.group(mapped.value);
            enqueue(mapped.id, 0);
        }
        return mapped.id;
    };
    spec.page = [this](const Cursor& cursor) {
        ++report_.pages;
        tell("groups", cursor.rows(), static_cast<std::uint64_t>(cursor.total().value_or(0)));
        pump();
    };
    spec.done = [this](const Outcome& outcome) { groups_done(outcome); };
    Listing::start(calls_, std::move(spec));
}

void Walk::groups_done(const Outcome& outcome) {
    groups_ = outcome;
    report_.groups_complete = outcome.complete;
    if (outcome.failure && outcome.first_failed && outcome.failure->refused())
        say(groups_refused(tenant_.id, *outcome.failure));
    else if (!outcome.complete)
        say(groups_unread(tenant_.id, outcome));
    else if (report_.groups_rows == 0)
        say(no_groups(tenant_.id, outcome.pages));
}

void Walk::enqueue(const std::string& id, int depth) {
    const auto [place, fresh] = known_groups_.try_emplace(id, depth == 0);
    if (fresh)
        queue_.push_back({id, depth});
    else
        place->second = place->second || depth == 0;
}

/// Starts member listings while there is room. Until the path is known to work, one at a time.
void Walk::pump() {
    const std::size_t room =
        calls_.learnt.members_path_known ? static_cast<std::size_t>(calls_.settings.parallel) : 1;
    while (users_decided_ && active_ < room && !queue_.empty()) {
        const Pending group = std::move(queue_.front());
        queue_.pop_front();
        ++active_;
        list_members(group, calls_.learnt.members_path);
    }
}

void Walk::list_members(const Pending& group, const std::string& path_template) {
    Listing::Spec spec;
    spec.kind = "members";
    spec.path = fill(fill(path_template, "{group_id}", group.id), "{tenant_id}", tenant_.id);
    spec.row = [this, group](simdjson::dom::element row) { return member_row(group, row); };
    spec.page = [this](const Cursor&) { ++report_.pages; };
    spec.done = [this, group, path_template](const Outcome& outcome) {
        members_done(group, path_template, outcome);
    };
    Listing::start(calls_, std::move(spec));
}

std::string Walk::member_row(const Pending& group, simdjson::dom::element row) {
    auto mapped = map_member(row, group.id, tenant_.id);
    if (mapped.id.empty() || mapped.deleted)
        return mapped.id;
    ++report_.members_rows;
    sink_.member(mapped.value.member);
    if (!mapped.value.member.is_group) {
        // What a member row does not say about the user stays empty: the mirror keeps what it knows.
        if (report_.users_method == "member_walk") {
            ++report_.users_rows;
            sink_.user(mapped.value.user);
        }
        return mapped.id;
    }
    // The list of groups may still be coming: a group it names later is walked once all the same.
    if (known_groups_.contains(mapped.id))
        return mapped.id;
    if (group.depth >= max_depth) {
        known_groups_.emplace(mapped.id, false);
        say(too_deep(tenant_.id, mapped.id));
        mark_unknown(mapped.id, "nested too deep");
        return mapped.id;
    }
    enqueue(mapped.id, group.depth + 1);
    return mapped.id;
}

void Walk::members_done(const Pending& group, const std::string& path_template, const Outcome& outcome) {
    if (const auto other = other_path(path_template, outcome)) {
        list_members(group, *other);
        return;
    }
    --active_;
    ++groups_read_;
    if (!outcome.complete) {
        const bool gone = outcome.failure && outcome.first_failed && outcome.failure->absent();
        if (gone && group.depth > 0)
            absent_.push_back(group.id);
        else
            mark_unknown(group.id, gone ? outcome.failure->words() + ": deleted while the groups were read?"
                                        : outcome.trouble);
        if (outcome.failure && outcome.failure->status == 403)
            members_refused_ = outcome.failure;
    }
    tell("members", groups_read_, known_groups_.size());
    pump();
}

/// The first group tells which path members have here (contract scaikey.md 13). nullopt: this answer counts.
std::optional<std::string> Walk::other_path(const std::string& path_template, const Outcome& outcome) {
    Learnt& learnt = calls_.learnt;
    if (learnt.members_path_known)
        return std::nullopt;
    const bool absent = outcome.failure && outcome.first_failed && outcome.failure->absent();
    if (!absent) {
        learnt.members_path = path_template;
        learnt.members_path_known = true;
        return std::nullopt;
    }
    if (path_template == learnt.members_path && path_template != tenant_members_path)
        return tenant_members_path;
    // Under neither: this group may just have been deleted, so the next one is asked the same way.
    learnt.members_path_known = ++learnt.members_path_doubts >= max_members_path_doubts;
    return std::nullopt;
}

void Walk::mark_unknown(const std::string& id, const std::string& why) {
    if (report_.unknown_groups.empty()) {
        first_unknown_ = id;
        first_unknown_why_ = why;
    }
    report_.unknown_groups.insert(id);
}

void Walk::conclude() {
    if (calls_.stopped()) {
        report_.users_complete = report_.groups_complete = false;
        scai::Error stopped;
        stopped.kind = scai::ErrorKind::unavailable;
        stopped.code = "stopped";
        stopped.message = "the walk was stopped before its end";
        report_.failed = std::move(stopped);
        return;
    }
    // A group that only a member row names, that the complete list does not have, and that answers 404 is
    // gone; it has no members. Otherwise it is just not known.
    for (const std::string& id : absent_)
        if (!report_.groups_complete || known_groups_[id])
            mark_unknown(id, "404 where members were expected");
    if (!report_.unknown_groups.empty())
        say(groups_unknown(tenant_.id, report_.unknown_groups.size(), known_groups_.size(), first_unknown_,
                           first_unknown_why_));
    if (members_refused_ && report_.unknown_groups.size() == known_groups_.size())
        say(groups_refused(tenant_.id, *members_refused_));
    // Neither users nor groups: nothing of the tenant was read at all.
    const bool no_users = users_ && users_->failure && users_->first_failed;
    const bool no_groups_read = groups_ && groups_->failure && groups_->first_failed;
    if (no_users && no_groups_read) {
        const Failure& first = users_->failure->token ? *users_->failure : *groups_->failure;
        report_.failed = as_error(first, "the list of groups of tenant " + tenant_.id);
    }
}

} // namespace scai::directory
