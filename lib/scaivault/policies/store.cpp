// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/policies/store.hpp"

#include "lib/base/strings.hpp"
#include "lib/db/sql.hpp"

namespace scaivault::policies::store {

using scai::UtcTime;
using scai::db::Executor;
using scai::db::Tx;

namespace {

constexpr char columns[] = R"(
SELECT p.id, p.name, p.description, p.rules::text, p.is_active, p.revision,
       (extract(epoch FROM p.created_at) * 1000000)::bigint, p.created_by,
       (extract(epoch FROM p.updated_at) * 1000000)::bigint, jsonb_array_length(p.rules))";
constexpr char with_count[] = R"(,
       (SELECT count(*) FROM scaivault.policy_bindings b WHERE b.tenant_id = p.tenant_id AND b.policy_id = p.id)
  FROM scaivault.policies p)";
constexpr char without_count[] = R"(, 0 FROM scaivault.policies p)";
constexpr char by_id[] = R"( WHERE p.tenant_id = :p1 AND p.id = :p2)";
constexpr char for_update[] = R"( FOR NO KEY UPDATE)";
constexpr char one_page[] = R"(
 WHERE p.tenant_id = :p1 AND p.name > :p2 AND (p.is_active OR :p3::boolean)
 ORDER BY p.name LIMIT :p4::bigint)";

constexpr auto find_policy = scai::db::joined<columns, with_count, by_id>;
constexpr auto lock_policy = scai::db::joined<columns, without_count, by_id, for_update>;
constexpr auto page_of_policies = scai::db::joined<columns, with_count, one_page>;

constexpr auto insert_policy = R"(
INSERT INTO scaivault.policies (tenant_id, id, name, description, rules, is_active, created_by, created_at, updated_at)
VALUES (:p1, :p2, :p3, :p4, :p5::jsonb, :p6::boolean, :p7, to_timestamp(:p8::bigint / 1000000.0),
        to_timestamp(:p8::bigint / 1000000.0))
ON CONFLICT (tenant_id, name) DO NOTHING)";
constexpr auto find_name = R"(
SELECT 1 FROM scaivault.policies WHERE tenant_id = :p1 AND name = :p3 AND id <> :p2)";
constexpr auto update_policy = R"(
UPDATE scaivault.policies
   SET name = :p3, description = :p4, rules = :p5::jsonb, is_active = :p6::boolean, revision = :p7::bigint,
       updated_at = to_timestamp(:p8::bigint / 1000000.0)
 WHERE tenant_id = :p1 AND id = :p2)";
constexpr auto delete_policy = "DELETE FROM scaivault.policies WHERE tenant_id = :p1 AND id = :p2";
constexpr auto count_live = R"(
SELECT count(*) FROM scaivault.policy_bindings
 WHERE tenant_id = :p1 AND policy_id = :p2
   AND (expires_at IS NULL OR expires_at > to_timestamp(:p3::bigint / 1000000.0)))";
constexpr auto bump_generation = R"(
INSERT INTO scaivault.policy_generations AS g (tenant_id) VALUES (:p1)
ON CONFLICT (tenant_id) DO UPDATE SET generation = g.generation + 1)";

constexpr auto page_of_bindings = R"(
SELECT b.id, b.policy_id, b.identity_type, b.identity_id,
       CASE WHEN b.identity_type = 'user' THEN 'user:' || coalesce(nullif(u.email, ''), substr(b.identity_id, 6))
            WHEN b.identity_type = 'group' THEN 'group:' || coalesce(nullif(g.name, ''), substr(b.identity_id, 7))
            ELSE b.identity_id END,
       coalesce(u.display_name, g.name, ''),
       b.identity_type NOT IN ('user', 'group') OR u.id IS NOT NULL OR g.id IS NOT NULL,
       (extract(epoch FROM b.expires_at) * 1000000)::bigint, (extract(epoch FROM b.created_at) * 1000000)::bigint,
       b.created_by
  FROM scaivault.policy_bindings b
  LEFT JOIN LATERAL (SELECT n.id, n.email, n.display_name FROM scaivault.users n
                      WHERE b.identity_type = 'user' AND n.tenant_id = ANY(:p3::text[])
                        AND n.id = substr(b.identity_id, 6) AND n.deleted_at IS NULL LIMIT 1) u ON true
  LEFT JOIN LATERAL (SELECT n.id, n.name FROM scaivault.groups n
                      WHERE b.identity_type = 'group' AND n.tenant_id = ANY(:p3::text[])
                        AND n.id = substr(b.identity_id, 7) AND n.deleted_at IS NULL LIMIT 1) g ON true
 WHERE b.tenant_id = :p1 AND b.policy_id = :p2 AND b.id > :p4
   AND (NOT :p5::boolean OR b.identity_type NOT IN ('user', 'group') OR u.id IS NOT NULL OR g.id IS NOT NULL)
 ORDER BY b.id LIMIT :p6::bigint)";
constexpr auto upsert_binding = R"(
INSERT INTO scaivault.policy_bindings AS b
       (tenant_id, id, policy_id, identity_type, identity_id, expires_at, created_by, created_at)
VALUES (:p1, :p2, :p3, :p4, :p5, to_timestamp(:p6::bigint / 1000000.0), :p7, to_timestamp(:p8::bigint / 1000000.0))
ON CONFLICT (tenant_id, policy_id, identity_id)
DO UPDATE SET expires_at = excluded.expires_at, created_by = excluded.created_by
RETURNING b.id, b.id = :p2)";
constexpr auto delete_binding = R"(
DELETE FROM scaivault.policy_bindings WHERE tenant_id = :p1 AND policy_id = :p2 AND id = :p3 RETURNING identity_id)";
constexpr auto list_tenants = R"(
SELECT id FROM scaivault.tenants WHERE partner_id = :p1 AND deleted_at IS NULL ORDER BY id)";

constexpr auto page_of_people = R"(
WITH candidates AS (
    (SELECT DISTINCT m.user_id AS id
       FROM scaivault.memberships m
       JOIN scaivault.users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id AND u.deleted_at IS NULL
      WHERE m.tenant_id = :p1 AND m.group_id = ANY(:p3::text[]) AND m.user_id > :p4 AND m.deleted_at IS NULL
      ORDER BY m.user_id LIMIT :p5::bigint)
    UNION
    SELECT unnest(:p2::text[])
)
SELECT u.id, u.email, u.display_name, u.status,
       coalesce((SELECT string_agg(m.group_id, ',' ORDER BY m.group_id) FROM scaivault.memberships m
                  WHERE m.tenant_id = u.tenant_id AND m.user_id = u.id AND m.deleted_at IS NULL
                    AND m.group_id = ANY(:p3::text[])), '')
  FROM candidates c
  JOIN scaivault.users u ON u.tenant_id = :p1 AND u.id = c.id AND u.deleted_at IS NULL
 WHERE u.id > :p4
 ORDER BY u.id LIMIT :p5::bigint)";
constexpr auto names_of_groups = R"(
SELECT id, name FROM scaivault.groups
 WHERE tenant_id = :p1 AND id = ANY(:p2::text[]) AND deleted_at IS NULL ORDER BY id)";

UtcTime time_of(std::int64_t micros) {
    return UtcTime(std::chrono::microseconds(micros));
}
std::int64_t micros_of(UtcTime time) {
    return time.time_since_epoch().count();
}

using Columns = std::tuple<std::string, std::string, std::string, std::string, bool, std::int64_t,
                           std::int64_t, std::string, std::int64_t, std::int64_t, std::int64_t>;

PolicyRow row_of(const std::string& owner, Columns& row) {
    PolicyRow out;
    out.owner = owner;
    out.id = std::move(std::get<0>(row));
    out.name = std::move(std::get<1>(row));
    out.description = std::move(std::get<2>(row));
    out.rules = std::move(std::get<3>(row));
    out.is_active = std::get<4>(row);
    out.revision = std::get<5>(row);
    out.created_at = time_of(std::get<6>(row));
    out.created_by = std::move(std::get<7>(row));
    out.updated_at = time_of(std::get<8>(row));
    out.rule_count = std::get<9>(row);
    out.binding_count = std::get<10>(row);
    return out;
}

template<class... Args>
std::vector<PolicyRow> rows_of(Executor& reader, const char* sql, const std::string& owner,
                               const Args&... args) {
    std::vector<PolicyRow> out;
    for (auto& row :
         reader.all<std::string, std::string, std::string, std::string, bool, std::int64_t, std::int64_t,
                    std::string, std::int64_t, std::int64_t, std::int64_t>(sql, owner, args...))
        out.push_back(row_of(owner, row));
    return out;
}

std::optional<PolicyRow> first(std::vector<PolicyRow> rows) {
    if (rows.empty())
        return std::nullopt;
    return std::move(rows.front());
}

} // namespace

std::vector<PolicyRow> page(Executor& reader, const std::string& owner, bool inactive_too,
                            const std::string& after_name, std::int64_t limit) {
    return rows_of(reader, page_of_policies, owner, after_name, inactive_too, limit);
}

std::optional<PolicyRow> find(Executor& reader, const std::string& owner, const std::string& id) {
    return first(rows_of(reader, find_policy, owner, id));
}

std::optional<PolicyRow> lock(Tx& tx, const std::string& owner, const std::string& id) {
    return first(rows_of(tx, lock_policy, owner, id));
}

bool insert(Tx& tx, const PolicyRow& row) {
    return tx.run(insert_policy, row.owner, row.id, row.name, row.description, row.rules, row.is_active,
                  row.created_by, micros_of(row.created_at)) == 1;
}

bool name_taken(Tx& tx, const std::string& owner, const std::string& id, const std::string& name) {
    return tx.maybe<int>(find_name, owner, id, name).has_value();
}

void update(Tx& tx, const PolicyRow& row) {
    tx.run(update_policy, row.owner, row.id, row.name, row.description, row.rules, row.is_active,
           row.revision, micros_of(row.updated_at));
}

void remove(Tx& tx, const std::string& owner, const std::string& id) {
    tx.run(delete_policy, owner, id);
}

std::int64_t live_bindings(Tx& tx, const std::string& owner, const std::string& id, UtcTime now) {
    return tx.one<std::int64_t>(count_live, owner, id, micros_of(now));
}

void bump(Tx& tx, const std::string& owner) {
    tx.run(bump_generation, owner);
}

std::vector<BindingRow> bindings(Executor& reader, const std::string& owner, const std::string& policy_id,
                                 const std::vector<std::string>& tenants, bool known_only,
                                 const std::string& after_id, std::int64_t limit) {
    std::vector<BindingRow> out;
    for (auto& row : reader.all<std::string, std::string, std::string, std::string, std::string, std::string,
                                bool, std::optional<std::int64_t>, std::int64_t, std::string>(
             page_of_bindings, owner, policy_id, tenants, after_id, known_only, limit)) {
        const auto& expires = std::get<7>(row);
        out.push_back({.id = std::move(std::get<0>(row)),
                       .policy_id = std::move(std::get<1>(row)),
                       .identity_type = std::move(std::get<2>(row)),
                       .identity = std::move(std::get<3>(row)),
                       .shown = std::move(std::get<4>(row)),
                       .display_name = std::move(std::get<5>(row)),
                       .known = std::get<6>(row),
                       .expires_at = expires ? std::optional(time_of(*expires)) : std::nullopt,
                       .created_at = time_of(std::get<8>(row)),
                       .created_by = std::move(std::get<9>(row))});
    }
    return out;
}

std::pair<std::string, bool> bind(Tx& tx, const std::string& owner, const BindingRow& row) {
    auto [id, fresh] = tx.one<std::string, bool>(
        upsert_binding, owner, row.id, row.policy_id, row.identity_type, row.identity,
        row.expires_at ? std::optional(micros_of(*row.expires_at)) : std::nullopt, row.created_by,
        micros_of(row.created_at));
    return {std::move(id), fresh};
}

std::optional<std::string> unbind(Tx& tx, const std::string& owner, const std::string& policy_id,
                                  const std::string& binding_id) {
    return tx.maybe<std::string>(delete_binding, owner, policy_id, binding_id);
}

std::vector<std::string> tenants_of_partner(Executor& reader, const std::string& partner_id) {
    return reader.all<std::string>(list_tenants, partner_id);
}

std::vector<Person> people(Executor& reader, const std::string& tenant, const std::vector<std::string>& users,
                           const std::vector<std::string>& groups, const std::string& after,
                           std::int64_t limit) {
    std::vector<Person> out;
    for (auto& [id, email, display, status, in] :
         reader.all<std::string, std::string, std::string, std::string, std::string>(
             page_of_people, tenant, users, groups, after, limit))
        out.push_back(
            {std::move(id), std::move(email), std::move(display), std::move(status), scai::split_list(in)});
    return out;
}

std::vector<std::pair<std::string, std::string>> group_names(Executor& reader, const std::string& tenant,
                                                             const std::vector<std::string>& groups) {
    std::vector<std::pair<std::string, std::string>> out;
    for (auto& [id, name] : reader.all<std::string, std::string>(names_of_groups, tenant, groups))
        out.emplace_back(std::move(id), std::move(name));
    return out;
}

} // namespace scaivault::policies::store
