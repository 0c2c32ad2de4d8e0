// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/identity/store.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaivault/identity/store_rows.hpp"

namespace scaivault::identity::store {

using scai::db::Executor;
using scai::db::Tx;

namespace {

// The total comes with the rows; an empty page asks for it by itself.
constexpr auto page_of_partners = R"sql(
SELECT id, slug, name, status, region, (extract(epoch FROM last_synced_at) * 1000000)::bigint, count(*) OVER ()
  FROM scaivault.partners
 WHERE deleted_at IS NULL AND (:p1 = '' OR id = :p1) AND (:p2 = '' OR upper(status) = upper(:p2))
 ORDER BY id OFFSET :p3::bigint LIMIT :p4::bigint)sql";
constexpr auto page_of_tenants = R"sql(
SELECT id, partner_id, slug, name, status, (extract(epoch FROM last_synced_at) * 1000000)::bigint, count(*) OVER ()
  FROM scaivault.tenants
 WHERE deleted_at IS NULL AND (:p1 = '' OR partner_id = :p1) AND (:p2 = '' OR id = :p2)
   AND (:p3 = '' OR upper(status) = upper(:p3))
 ORDER BY id OFFSET :p4::bigint LIMIT :p5::bigint)sql";
constexpr auto find_partner =
    "SELECT partner_id FROM scaivault.tenants WHERE id = :p1 AND deleted_at IS NULL";
constexpr auto page_of_users = R"sql(
SELECT u.id, u.email, u.display_name, u.status, u.mfa_enabled,
       coalesce((SELECT string_agg(m.group_id, ',' ORDER BY m.group_id) FROM scaivault.memberships m
                  WHERE m.tenant_id = u.tenant_id AND m.user_id = u.id AND m.deleted_at IS NULL), ''),
       coalesce((SELECT string_agg(r.role, ',' ORDER BY r.role) FROM scaivault.admin_roles r
                  WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id), ''),
       (extract(epoch FROM greatest(u.last_synced_at, t.last_synced_at)) * 1000000)::bigint, u.total
  FROM (SELECT x.tenant_id, x.id, x.email, x.display_name, x.status, x.mfa_enabled, x.last_synced_at,
               count(*) OVER () AS total
          FROM scaivault.users x
         WHERE x.tenant_id = :p1 AND x.deleted_at IS NULL AND (:p2 = '' OR upper(x.status) = upper(:p2))
           AND (:p3 = '' OR strpos(lower(x.email), lower(:p3)) > 0 OR strpos(lower(x.display_name), lower(:p3)) > 0)
         ORDER BY x.id OFFSET :p4::bigint LIMIT :p5::bigint) u
  LEFT JOIN scaivault.tenants t ON t.id = u.tenant_id
 ORDER BY u.id)sql";
constexpr auto page_of_groups = R"sql(
SELECT g.id, g.name, g.status,
       (SELECT count(*) FROM scaivault.memberships m
         WHERE m.tenant_id = g.tenant_id AND m.group_id = g.id AND m.deleted_at IS NULL),
       (extract(epoch FROM g.last_synced_at) * 1000000)::bigint, g.total
  FROM (SELECT x.tenant_id, x.id, x.name, x.status, x.last_synced_at, count(*) OVER () AS total
          FROM scaivault.groups x
         WHERE x.tenant_id = :p1 AND x.deleted_at IS NULL
         ORDER BY x.id OFFSET :p2::bigint LIMIT :p3::bigint) g
 ORDER BY g.id)sql";
constexpr auto page_of_members = R"sql(
SELECT m.user_id, coalesce(u.email, ''), coalesce(u.display_name, ''), m.membership_type,
       (extract(epoch FROM m.added_at) * 1000000)::bigint, count(*) OVER ()
  FROM scaivault.memberships m
  LEFT JOIN scaivault.users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id AND u.deleted_at IS NULL
 WHERE m.tenant_id = :p1 AND m.group_id = :p2 AND m.deleted_at IS NULL
 ORDER BY m.user_id OFFSET :p3::bigint LIMIT :p4::bigint)sql";
constexpr auto list_roles =
    "SELECT role FROM scaivault.admin_roles WHERE tenant_id = :p1 AND user_id = :p2 ORDER BY role";
constexpr auto take_roles_lock =
    "SELECT pg_advisory_xact_lock(hashtextextended('scaivault.admin_roles', 0))::text";
constexpr auto delete_roles = R"sql(
DELETE FROM scaivault.admin_roles WHERE tenant_id = :p1 AND user_id = :p2 AND NOT role = ANY (:p3::text[]))sql";
constexpr auto insert_roles = R"sql(
INSERT INTO scaivault.admin_roles (tenant_id, user_id, role, granted_by)
SELECT :p1, :p2, r.role, :p4 FROM unnest(:p3::text[]) AS r (role)
ON CONFLICT DO NOTHING)sql";
constexpr auto count_others = R"sql(
SELECT count(*) FROM scaivault.admin_roles r
  JOIN scaivault.users u ON u.tenant_id = r.tenant_id AND u.id = r.user_id AND u.deleted_at IS NULL
       AND upper(u.status) = 'ACTIVE'
 WHERE r.role = 'super_admin' AND (r.tenant_id, r.user_id) <> (:p1, :p2))sql";

/// Total of a list whose page is empty: what stands before the page is not in the rows.
template<class Row, class Ask>
std::int64_t total_of(const Paged<Row>& page, const Paging& paging, Ask ask) {
    return page.rows.empty() && paging.offset > 0 ? ask(Paging{0, 1}).total : page.total;
}

} // namespace

Paged<PartnerRow> partners(Executor& reader, const std::string& only, const std::string& status,
                           const Paging& paging) {
    Paged<PartnerRow> out;
    for (auto& [id, slug, name, state, region, synced, total] :
         reader.all<std::string, std::string, std::string, std::string, std::optional<std::string>,
                    std::optional<std::int64_t>, std::int64_t>(page_of_partners, only, status, paging.offset,
                                                               paging.limit)) {
        out.rows.push_back({std::move(id), std::move(slug), std::move(name), std::move(state),
                            std::move(region), time_of(synced)});
        out.total = total;
    }
    out.total =
        total_of(out, paging, [&](const Paging& first) { return partners(reader, only, status, first); });
    return out;
}

Paged<TenantRow> tenants(Executor& reader, const std::string& partner, const std::string& only,
                         const std::string& status, const Paging& paging) {
    Paged<TenantRow> out;
    for (auto& [id, of, slug, name, state, synced, total] :
         reader.all<std::string, std::string, std::string, std::string, std::string,
                    std::optional<std::int64_t>, std::int64_t>(page_of_tenants, partner, only, status,
                                                               paging.offset, paging.limit)) {
        out.rows.push_back({std::move(id), std::move(of), std::move(slug), std::move(name), std::move(state),
                            time_of(synced)});
        out.total = total;
    }
    out.total = total_of(out, paging,
                         [&](const Paging& first) { return tenants(reader, partner, only, status, first); });
    return out;
}

std::optional<std::string> partner_of(Executor& reader, const std::string& tenant) {
    return reader.maybe<std::string>(find_partner, tenant);
}

Paged<UserRow> users(Executor& reader, const std::string& tenant, const std::string& status,
                     const std::string& search, const Paging& paging) {
    Paged<UserRow> out;
    for (auto& [id, email, display, state, mfa, in, has, synced, total] :
         reader.all<std::string, std::string, std::string, std::string, bool, std::string, std::string,
                    std::optional<std::int64_t>, std::int64_t>(page_of_users, tenant, status, search,
                                                               paging.offset, paging.limit)) {
        out.rows.push_back({.id = std::move(id),
                            .tenant_id = tenant,
                            .email = std::move(email),
                            .display_name = std::move(display),
                            .status = std::move(state),
                            .mfa_enabled = mfa,
                            .groups = scai::split_list(in),
                            .roles = scai::split_list(has),
                            .last_synced_at = time_of(synced)});
        out.total = total;
    }
    out.total = total_of(out, paging,
                         [&](const Paging& first) { return users(reader, tenant, status, search, first); });
    return out;
}

Paged<GroupRow> groups(Executor& reader, const std::string& tenant, const Paging& paging) {
    Paged<GroupRow> out;
    for (auto& [id, name, state, members_in, synced, total] :
         reader.all<std::string, std::string, std::string, std::int64_t, std::optional<std::int64_t>,
                    std::int64_t>(page_of_groups, tenant, paging.offset, paging.limit)) {
        out.rows.push_back(
            {std::move(id), tenant, std::move(name), std::move(state), members_in, time_of(synced)});
        out.total = total;
    }
    out.total = total_of(out, paging, [&](const Paging& first) { return groups(reader, tenant, first); });
    return out;
}

Paged<MemberRow> members(Executor& reader, const std::string& tenant, const std::string& group,
                         const Paging& paging) {
    Paged<MemberRow> out;
    for (auto& [id, email, display, type, added, total] :
         reader.all<std::string, std::string, std::string, std::string, std::int64_t, std::int64_t>(
             page_of_members, tenant, group, paging.offset, paging.limit)) {
        out.rows.push_back(
            {std::move(id), std::move(email), std::move(display), std::move(type), *time_of(added)});
        out.total = total;
    }
    out.total =
        total_of(out, paging, [&](const Paging& first) { return members(reader, tenant, group, first); });
    return out;
}

std::vector<std::string> roles(Executor& reader, const std::string& tenant, const std::string& user) {
    return reader.all<std::string>(list_roles, tenant, user);
}

void lock_roles(Tx& tx) {
    tx.one<std::string>(take_roles_lock);
}

void set_roles(Tx& tx, const std::string& tenant, const std::string& user,
               const std::vector<std::string>& roles, const std::string& granted_by) {
    tx.run(delete_roles, tenant, user, roles);
    tx.run(insert_roles, tenant, user, roles, granted_by);
}

std::int64_t other_super_admins(Tx& tx, const std::string& tenant, const std::string& user) {
    return tx.one<std::int64_t>(count_others, tenant, user);
}

} // namespace scaivault::identity::store
