// Why has this user this role: everything that bears on it, in one document. SPDX-License-Identifier:
// Apache-2.0
#include "lib/scaiflow/roles/store.hpp"

#include <algorithm>
#include <deque>
#include <map>

namespace scaiflow::roles {

namespace {

using scai::json::Value;

constexpr auto read_user = R"(
SELECT json_build_object('id', u.id, 'tenant_id', u.tenant_id, 'email', u.email, 'display_name', u.display_name,
         'status', u.status, 'tenant_status', CASE WHEN t.deleted_at IS NOT NULL THEN 'DELETED' ELSE t.status END,
         'seen_by', u.seen_by,
         'deleted_at', to_char(u.deleted_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))::text,
       u.email, coalesce(u.admin_role, ''), coalesce(u.admin_role_source, '')
  FROM scaiflow.users u
  LEFT JOIN scaiflow.tenants t ON t.id = u.tenant_id
 WHERE u.tenant_id = :p1 AND u.id = :p2)";

constexpr auto read_grants = R"(
SELECT coalesce(json_agg(json_build_object('role', r.role, 'source', r.source,
         'group', CASE WHEN r.source = 'group' THEN json_build_object('id', r.group_id, 'name', g.name) END,
         'granted_by', r.granted_by, 'granted_at', to_char(r.granted_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
         ORDER BY r.role, r.source, r.group_id), '[]')::text
  FROM scaiflow.role_grants r
  LEFT JOIN scaiflow.groups g ON g.tenant_id = r.tenant_id AND g.id = r.group_id
 WHERE r.tenant_id = :p1 AND r.user_id = :p2)";

constexpr auto read_groups = R"(
SELECT m.group_id, coalesce(g.name, ''), m.direct, coalesce(g.members_unknown_since IS NOT NULL, false)
  FROM scaiflow.memberships m
  LEFT JOIN scaiflow.groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id
 WHERE m.tenant_id = :p1 AND m.user_id = :p2 AND m.deleted_at IS NULL
 ORDER BY m.group_id)";

// Every group above the direct ones, with its edges; UNION makes a cycle end.
constexpr auto read_edges = R"(
WITH RECURSIVE up(id) AS (
  SELECT m.group_id FROM scaiflow.memberships m
   WHERE m.tenant_id = :p1 AND m.user_id = :p2 AND m.deleted_at IS NULL AND m.direct
   UNION
  SELECT c.parent_id FROM scaiflow.group_children c JOIN up ON c.child_id = up.id WHERE c.tenant_id = :p1)
SELECT c.parent_id, c.child_id
  FROM up
  JOIN scaiflow.group_children c ON c.tenant_id = :p1 AND c.child_id = up.id
 ORDER BY c.parent_id, c.child_id)";

constexpr auto read_pending = R"(
SELECT coalesce(json_agg(json_build_object('email', email, 'tenant_id', tenant_id, 'role', role, 'source', source,
         'requested_by', requested_by, 'requested_at', to_char(requested_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
         ORDER BY id), '[]')::text
  FROM scaiflow.pending_grants
 WHERE email = lower(:p2) AND (tenant_id IS NULL OR tenant_id = :p1) AND applied_at IS NULL AND cancelled_at IS NULL)";

constexpr auto read_history = R"(
SELECT coalesce(json_agg(h.row ORDER BY h.id DESC), '[]')::text
  FROM (SELECT id, json_build_object('at', to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'actor', actor, 'action', action,
                                     'before', before, 'after', after, 'cause', cause) AS row
          FROM scaiflow.audit_log
         WHERE tenant_id = :p1 AND object_type = 'user' AND object_id = :p2
         ORDER BY id DESC
         LIMIT 20) h)";

constexpr auto sees_all_tenants = "SELECT coalesce(current_setting('scai.tenant', true), '') = '*'";

/// For each group the shortest way down to a group that has the user directly: [group, ..., direct group].
class Paths {
public:
    Paths(const std::vector<std::string>& direct,
          const std::vector<std::tuple<std::string, std::string>>& edges) {
        std::map<std::string, std::vector<std::string>> parents;
        for (const auto& [parent, child] : edges)
            parents[child].push_back(parent);
        std::deque<std::string> queue(direct.begin(), direct.end());
        for (const std::string& group : direct)
            down_[group] = "";
        while (!queue.empty()) {
            const std::string child = queue.front();
            queue.pop_front();
            for (const std::string& parent : parents[child])
                if (down_.emplace(parent, child).second)
                    queue.push_back(parent);
        }
    }
    Value to(const std::string& group) const {
        Value out = Value::array();
        for (auto step = down_.find(group); step != down_.end(); step = down_.find(step->second)) {
            out.push(step->first);
            if (step->second.empty())
                break;
        }
        return out;
    }

private:
    std::map<std::string, std::string> down_; ///< group -> next one down; "" = has the user directly
};

Value groups_json(scai::db::Reader& reader, const Target& target) {
    const auto rows =
        reader.all<std::string, std::string, bool, bool>(read_groups, target.tenant_id, target.user_id);
    std::vector<std::string> direct;
    for (const auto& row : rows)
        if (std::get<2>(row))
            direct.push_back(std::get<0>(row));
    const Paths paths(direct,
                      reader.all<std::string, std::string>(read_edges, target.tenant_id, target.user_id));
    Value out = Value::array();
    for (const auto& [id, name, is_direct, frozen] : rows)
        out.push(Value::object({{"id", id},
                                {"name", name},
                                {"direct", is_direct},
                                {"members_unknown", frozen},
                                {"path", paths.to(id)}}));
    return out;
}

} // namespace

std::optional<Value> why(scai::db::Reader& reader, const Target& target, const SuperAdminGroups& groups) {
    const auto user = reader.maybe<std::string, std::string, std::string, std::string>(
        read_user, target.tenant_id, target.user_id);
    if (!user)
        return std::nullopt;
    const auto& [document, email, role, source] = *user;
    Value out = Value::object({{"user", store::parsed(document)}});
    out.set("effective", store::effective_json(role, source));
    out.set("grants", store::parsed(reader.one<std::string>(read_grants, target.tenant_id, target.user_id)));
    out.set("groups", groups_json(reader, target));
    // A tenant's own administrator sees only what concerns his tenant, and nothing can be said about the
    // rest.
    const bool all = reader.one<bool>(sees_all_tenants);
    Value entries = Value::array();
    for (const Resolved& entry : resolve(reader, groups)) {
        if (!all && entry.tenant_id != target.tenant_id)
            continue;
        const auto id_or_null = [](const std::string& id) { return id.empty() ? Value(nullptr) : Value(id); };
        entries.push(Value::object({{"entry", entry.entry},
                                    {"tenant_id", id_or_null(entry.tenant_id)},
                                    {"group_id", id_or_null(entry.group_id)},
                                    {"problem", id_or_null(entry.problem)},
                                    {"text", entry.text}}));
    }
    out.set("super_admin_groups", std::move(entries));
    out.set("pending", store::parsed(reader.one<std::string>(read_pending, target.tenant_id, email)));
    out.set("history",
            store::parsed(reader.one<std::string>(read_history, target.tenant_id, target.user_id)));
    return out;
}

} // namespace scaiflow::roles
