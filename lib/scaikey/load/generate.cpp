// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/load/generate.hpp"

namespace scaikey::load {

using scai::db::Tx;
using scai::json::Value;

namespace {

constexpr const char* tenant_sql = R"(
INSERT INTO scaikey.tenants (id, slug, name)
VALUES ('tnt_' || left(md5(:p1::text), 20), :p1, :p1)
    ON CONFLICT DO NOTHING)";

constexpr const char* tenant_id_sql = R"(
SELECT t.id
  FROM scaikey.tenants t
 WHERE t.slug = :p1 AND t.deleted_at IS NULL)";

// Inserted in the order of the key: random order would touch every index page for every row.
constexpr const char* users_sql = R"(
INSERT INTO scaikey.users (id, tenant_id, email, first_name, last_name, display_name, password_hash, password_changed_at)
SELECT 'usr_' || left(md5(:p2::text || 'u' || n), 20) AS id, :p1, 'user' || n || '@' || :p2::text || '.test', 'User', n::text,
       'User ' || n, :p4, now()
  FROM generate_series(1, :p3::bigint) n
 ORDER BY 1
    ON CONFLICT DO NOTHING)";

constexpr const char* groups_sql = R"(
INSERT INTO scaikey.groups (id, tenant_id, name, description)
SELECT 'grp_' || left(md5(:p2::text || 'g' || n), 20) AS id, :p1, 'Group ' || n, 'generated'
  FROM generate_series(1, :p3::bigint) n
 ORDER BY 1
    ON CONFLICT DO NOTHING)";

// Membership k belongs to user k modulo users; round r of a user goes to a group r strides on, so pairs are
// distinct.
constexpr const char* memberships_sql = R"(
INSERT INTO scaikey.group_members (tenant_id, group_id, member_id, member_type)
SELECT :p1, 'grp_' || left(md5(:p2::text || 'g' || p.g), 20) COLLATE "C",
       'usr_' || left(md5(:p2::text || 'u' || p.u), 20) COLLATE "C", 'user'
  FROM (SELECT 1 + k % :p3::bigint AS u,
               1 + ((k % :p3::bigint) * 7919 + (k / :p3::bigint) * greatest(1, :p4::bigint / :p6::bigint)) % :p4::bigint AS g
          FROM generate_series(0, :p5::bigint - 1) k) p
 ORDER BY 2, 3
    ON CONFLICT DO NOTHING)";

// Group n contains group n + 1 for the first ones: a chain broken every tenth, so the depth stays below ten.
constexpr const char* nested_sql = R"(
INSERT INTO scaikey.group_members (tenant_id, group_id, member_id, member_type)
SELECT :p1, 'grp_' || left(md5(:p2::text || 'g' || n), 20), 'grp_' || left(md5(:p2::text || 'g' || (n + 1)), 20), 'group'
  FROM (SELECT s.n FROM generate_series(1, :p3::bigint - 1) s(n) WHERE s.n % 10 <> 0 ORDER BY s.n LIMIT :p4::bigint) e
    ON CONFLICT DO NOTHING)";

} // namespace

void generate(Tx& tx, const Generate& wanted, PasswordHashes& passwords, Value& counters) {
    std::int64_t tenants = 0;
    std::int64_t users = 0;
    std::int64_t groups = 0;
    std::int64_t memberships = 0;
    const auto share = [&](std::int64_t total, std::int64_t index) {
        return total / wanted.tenants + (index < total % wanted.tenants ? 1 : 0);
    };
    const std::string& hash = passwords.of(wanted.password);
    for (std::int64_t i = 0; i < wanted.tenants; ++i) {
        const std::string slug = wanted.prefix + std::to_string(i + 1);
        tenants += tx.run(tenant_sql, slug);
        const auto tenant = tx.one<std::string>(tenant_id_sql, slug);
        const std::int64_t n_users = share(wanted.users, i);
        const std::int64_t n_groups = share(wanted.groups, i);
        const std::int64_t n_members = share(wanted.memberships, i);
        users += tx.run(users_sql, tenant, slug, n_users, hash);
        groups += tx.run(groups_sql, tenant, slug, n_groups);
        if (n_users > 0 && n_groups > 0 && n_members > 0) {
            const std::int64_t rounds = (n_members + n_users - 1) / n_users;
            memberships += tx.run(memberships_sql, tenant, slug, n_users, n_groups, n_members, rounds);
        }
        memberships += tx.run(nested_sql, tenant, slug, n_groups, share(wanted.nested, i));
    }
    counters.set(
        "generated",
        Value::object(
            {{"tenants", tenants}, {"users", users}, {"groups", groups}, {"memberships", memberships}}));
}

} // namespace scaikey::load
