// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/store_explain.hpp"

#include "lib/base/strings.hpp"

namespace scaiflow::flows::store {

using scai::db::Executor;

namespace {

/// Sorts after every id bytewise.
constexpr auto last_character = "\xF4\x8F\xBF\xBF";

constexpr auto rules_of_user = R"(
SELECT r.kind, r.level, r.role, r.role_source, r.acl_id, r.granted_by,
       (extract(epoch FROM r.granted_at) * 1000000)::bigint, r.group_id, r.group_name, r.direct
  FROM (SELECT 1 AS rank, 'owner' AS kind, 4 AS level, '' AS role, '' AS role_source, '' AS acl_id, '' AS granted_by,
               NULL::timestamptz AS granted_at, '' AS group_id, '' AS group_name, true AS direct
          FROM scaiflow.flows f
         WHERE f.tenant_id = :p1 AND f.id = :p2 AND f.tenant_id = :p3 AND f.owner_id = :p4
        UNION ALL
        SELECT 2, 'role', 4, u.admin_role, coalesce(u.admin_role_source, ''), '', '', NULL, '', '', true
          FROM scaiflow.users u
         WHERE u.tenant_id = :p3 AND u.id = :p4
           AND (u.admin_role = 'super_admin' OR (u.admin_role = 'tenant_admin' AND u.tenant_id = :p1))
        UNION ALL
        SELECT 3, 'user', a.level::integer, '', '', a.id, a.granted_by, a.granted_at, '', '', true
          FROM scaiflow.flow_acls a
         WHERE a.tenant_id = :p1 AND a.flow_id = :p2 AND a.tenant_id = :p3
           AND a.principal_type = 'user' AND a.principal_id = :p4
        UNION ALL
        SELECT 4, 'group', a.level::integer, '', '', a.id, a.granted_by, a.granted_at, m.group_id,
               coalesce(g.name, ''), m.direct
          FROM scaiflow.flow_acls a
          JOIN scaiflow.memberships m ON m.tenant_id = a.tenant_id AND m.group_id = a.principal_id
           AND m.user_id = :p4 AND m.deleted_at IS NULL
          LEFT JOIN scaiflow.groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id
         WHERE a.tenant_id = :p1 AND a.flow_id = :p2 AND a.tenant_id = :p3 AND a.principal_type = 'group') AS r
 ORDER BY r.level DESC, r.rank, r.group_name, r.group_id)";

// Each branch gives its first rows of the page alone, so the page of the whole is among them. :p3 and :p4 are
// where the page starts, :p5 the same inside the tenant of the flow. NB: the subquery for the status of a
// member is no join on purpose: members are walked in order and the walk ends with the page, however many
// there are.
constexpr auto page_of_holders = R"(
WITH giving AS (
    SELECT f.tenant_id, f.owner_id AS user_id, 4 AS level, 1 AS rank
      FROM scaiflow.flows f
     WHERE f.tenant_id = :p1 AND f.id = :p2 AND f.owner_id > :p5
    UNION ALL
    SELECT u.tenant_id, u.id, 4, 2
      FROM scaiflow.users u
     WHERE u.admin_role IS NOT NULL AND (u.admin_role = 'super_admin' OR u.tenant_id = :p1)
       AND (u.tenant_id, u.id) > (:p3, :p4)
    UNION ALL
    SELECT a.tenant_id, a.principal_id, a.level::integer, 3
      FROM scaiflow.flow_acls a
     WHERE a.tenant_id = :p1 AND a.flow_id = :p2 AND a.principal_type = 'user' AND a.principal_id > :p5
    UNION ALL
    SELECT a.tenant_id, m.user_id, a.level::integer, 4
      FROM scaiflow.flow_acls a
     CROSS JOIN LATERAL (SELECT m.user_id
                           FROM scaiflow.memberships m
                          WHERE m.tenant_id = a.tenant_id AND m.group_id = a.principal_id AND m.user_id > :p5
                            AND m.deleted_at IS NULL
                            AND (SELECT u.deleted_at IS NULL AND upper(u.status) = 'ACTIVE'
                                   FROM scaiflow.users u WHERE u.tenant_id = m.tenant_id AND u.id = m.user_id)
                          ORDER BY m.user_id LIMIT :p6::bigint) AS m
     WHERE a.tenant_id = :p1 AND a.flow_id = :p2 AND a.principal_type = 'group'
)
SELECT u.tenant_id, u.id, u.email, u.display_name, max(g.level)::integer,
       string_agg(DISTINCT g.rank::text, ',' ORDER BY g.rank::text)
  FROM giving g
  JOIN scaiflow.users u ON u.tenant_id = g.tenant_id AND u.id = g.user_id
 WHERE u.deleted_at IS NULL AND upper(u.status) = 'ACTIVE'
   AND NOT EXISTS (SELECT FROM scaiflow.tenants t
                    WHERE t.id = u.tenant_id AND (t.deleted_at IS NOT NULL OR upper(t.status) <> 'ACTIVE'))
 GROUP BY u.tenant_id, u.id, u.email, u.display_name
 ORDER BY u.tenant_id, u.id LIMIT :p6::bigint)";

std::string rule_of_rank(std::string_view rank) {
    return rank == "1" ? "owner" : rank == "2" ? "role" : rank == "3" ? "user" : "group";
}

} // namespace

std::vector<Rule> rules(Executor& reader, const Head& flow, std::string_view user_tenant,
                        std::string_view user_id) {
    std::vector<Rule> out;
    for (auto& [kind, level, role, role_source, acl_id, granted_by, granted_at, group_id, group_name,
                direct] : reader.all<std::string, int, std::string, std::string, std::string, std::string,
                                     std::optional<std::int64_t>, std::string, std::string, bool>(
             rules_of_user, flow.tenant_id, flow.id, user_tenant, user_id)) {
        Rule rule{.kind = std::move(kind),
                  .level = static_cast<Level>(level),
                  .role = std::move(role),
                  .role_source = std::move(role_source),
                  .acl_id = std::move(acl_id),
                  .granted_by = std::move(granted_by),
                  .granted_at = std::nullopt,
                  .group_id = std::move(group_id),
                  .group_name = std::move(group_name),
                  .direct = direct};
        if (granted_at)
            rule.granted_at = scai::UtcTime(std::chrono::microseconds(*granted_at));
        out.push_back(std::move(rule));
    }
    return out;
}

HolderPage holders(Executor& reader, const Head& flow, const HolderKey& after, std::int64_t limit) {
    const std::string inside = after.tenant_id < flow.tenant_id    ? ""
                               : after.tenant_id == flow.tenant_id ? after.user_id
                                                                   : last_character;
    HolderPage page;
    for (auto& [tenant_id, user_id, email, display_name, level, ranks] :
         reader.all<std::string, std::string, std::string, std::string, int, std::string>(
             page_of_holders, flow.tenant_id, flow.id, after.tenant_id, after.user_id, inside, limit + 1)) {
        Holder holder{std::move(tenant_id),    std::move(user_id),        std::move(email),
                      std::move(display_name), static_cast<Level>(level), {}};
        for (const auto& rank : scai::split_list(ranks))
            holder.rules.push_back(rule_of_rank(rank));
        page.users.push_back(std::move(holder));
    }
    if (static_cast<std::int64_t>(page.users.size()) > limit) {
        page.users.pop_back();
        page.next = HolderKey{page.users.back().tenant_id, page.users.back().user_id};
    }
    return page;
}

} // namespace scaiflow::flows::store
