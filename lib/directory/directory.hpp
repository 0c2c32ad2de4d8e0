// Directory: reads ScaiKey's tenants, users, groups and members over HTTP and streams them into a Sink,
// saying for each listing whether it was PROVEN complete. Knows every paging shape and trap of contract
// scaikey.md 10 and 13; knows nothing of the database. Users of a page are never fetched twice; memory is
// bounded by the pages in flight. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/http/client.hpp"
#include "lib/oidc/provider.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace scai::directory {

struct Tenant {
    std::string id, slug, name, status;
    std::string partner_id = {}; ///< "" when the source does not say
};

struct Partner {
    std::string id, slug, name, status;
};

struct User {
    std::string id, tenant_id, email, display_name, status;
    std::optional<scai::UtcTime> upstream_at; ///< updated_at when given
};

struct Group {
    std::string id, tenant_id, name, status;
    std::optional<scai::UtcTime> upstream_at;
};

/// A direct member of a group: a user or a nested group. Expansion is the mirror's (set-based) work.
struct Member {
    std::string group_id;
    std::string member_id;
    bool is_group = false;
};

/// Where rows go, page by page, from the thread that called walk(). Rows may repeat (duplicates upstream);
/// rows with deleted_at or status DELETED never arrive. A user row of the member walk may lack all but the
/// id.
class Sink {
public:
    virtual ~Sink() = default;
    virtual void user(const User& user) = 0;
    virtual void group(const Group& group) = 0;
    virtual void member(const Member& member) = 0;
};

/// A trouble or a fact in words an admin understands at 3 a.m.; code is stable, text names what to do.
/// Codes: admin_scope_missing, application_not_assigned, member_walk, groups_read_missing, no_groups,
/// empty_upstream, paging_incomplete, upstream_unavailable, group_unknown, nested_too_deep,
/// tenants_list_refused.
struct Message {
    std::string level; ///< info, warning, error
    std::string code;
    std::string text;
};

/// What one tenant's walk proved.
struct Report {
    std::string users_method; ///< effective_users | member_walk
    bool users_complete =
        false; ///< every page of effective users read and counts agree (never true for member_walk)
    bool groups_complete = false; ///< every page of the group list read and counts agree
    std::set<std::string>
        unknown_groups; ///< listed, but their members could not be read completely: freeze them
    std::optional<scai::Error>
        failed; ///< the tenant could not be walked at all (token refused, upstream down)
    std::vector<Message> messages;
    std::uint64_t users_rows = 0, groups_rows = 0, members_rows = 0, pages = 0, calls = 0;
};

struct DirectorySettings {
    std::string base_url;
    std::string application_id = "me";
    std::string pinned_tenant; ///< id, or ""
    std::string members_path = "/api/v1/admin/groups/{group_id}/members";
    int per_page = 100;
    int parallel = 8;
    std::chrono::milliseconds timeout{30000};
    int retries = 3;
};

struct Progress {
    std::string tenant_id, phase;      ///< tenants, users, groups, members
    std::uint64_t done = 0, total = 0; ///< total 0 = not known
};

class Directory {
public:
    /// `should_stop` is asked between completions; true ends the walk as failed ("stopped").
    Directory(DirectorySettings settings, scai::oidc::ServiceToken& token,
              std::function<void(const Progress&)> progress, std::function<bool()> should_stop);

    struct Tenants {
        std::vector<Tenant> tenants;
        bool complete = false; ///< false: taken from group rows, or pinned; then absent tenants prove nothing
        std::vector<Message> messages;
    };
    /// Pinned tenant, else GET /api/v1/admin/tenants/ (of any status: one that is suspended is not gone),
    /// else the tenant ids of the visible group rows.
    scai::Result<Tenants> tenants();

    /// Names of the partners, as far as the credentials may see them; who is missing may be there all the
    /// same.
    std::vector<Partner> partners();

    /// effective_users first; on 403/404 member_walk. Then all groups and all direct members, each page once.
    Report walk(const Tenant& tenant, Sink& sink);

    ~Directory();
    Directory(Directory&&) noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// An error for a person to read: what happened, and what to do about it.
std::string sentence(const scai::Error& error);

} // namespace scai::directory
