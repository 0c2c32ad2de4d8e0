// SQL of what the identity API shows and of admin roles. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/db/db.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scaivault::identity {

struct PartnerRow {
    std::string id, slug, name, status;
    std::optional<std::string> region;
    std::optional<scai::UtcTime> last_synced_at;
};
struct TenantRow {
    std::string id, partner_id, slug, name, status;
    std::optional<scai::UtcTime> last_synced_at;
};
struct UserRow {
    std::string id, tenant_id, email, display_name, status;
    bool mfa_enabled = false;
    std::vector<std::string> groups, roles;
    std::optional<scai::UtcTime> last_synced_at;
};
struct GroupRow {
    std::string id, tenant_id, name, status;
    std::int64_t member_count = 0;
    std::optional<scai::UtcTime> last_synced_at;
};
struct MemberRow {
    std::string user_id, email, display_name, membership_type;
    scai::UtcTime added_at;
};
template<class Row>
struct Paged {
    std::vector<Row> rows;
    std::int64_t total = 0;
};
struct Paging {
    std::int64_t offset = 0, limit = 100;
};

} // namespace scaivault::identity

namespace scaivault::identity::store {

/// "" leaves a filter out.
Paged<PartnerRow> partners(scai::db::Executor& reader, const std::string& only, const std::string& status,
                           const Paging& paging);
Paged<TenantRow> tenants(scai::db::Executor& reader, const std::string& partner, const std::string& only,
                         const std::string& status, const Paging& paging);
std::optional<std::string> partner_of(scai::db::Executor& reader, const std::string& tenant);
Paged<UserRow> users(scai::db::Executor& reader, const std::string& tenant, const std::string& status,
                     const std::string& search, const Paging& paging);
Paged<GroupRow> groups(scai::db::Executor& reader, const std::string& tenant, const Paging& paging);
Paged<MemberRow> members(scai::db::Executor& reader, const std::string& tenant, const std::string& group,
                         const Paging& paging);

std::vector<std::string> roles(scai::db::Executor& reader, const std::string& tenant,
                               const std::string& user);
/// Locks what decides about the last super_admin, then replaces the user's roles.
void lock_roles(scai::db::Tx& tx);
void set_roles(scai::db::Tx& tx, const std::string& tenant, const std::string& user,
               const std::vector<std::string>& roles, const std::string& granted_by);
/// Live, active users with super_admin other than this one.
std::int64_t other_super_admins(scai::db::Tx& tx, const std::string& tenant, const std::string& user);

} // namespace scaivault::identity::store
