// The decision itself, for every statement that touches flows: what the caller holds on flow `f`, as 0
// (nothing) to 4 (admin). Parameters, always the first four: :p1 tenant of the caller, :p2 his id, :p3 his
// admin role ("", tenant_admin, super_admin), :p4 the id access rows and memberships may name ("" for a
// service). Memberships are read here, live, and not taken from a token or an earlier read. Two lookups and
// not one with OR, which the planner turns into bitmaps and a hash table when it knows little about the
// tables. SPDX-License-Identifier: Apache-2.0
#pragma once

namespace scaiflow::flows::sql {

inline constexpr char level_of_caller[] = R"(
CASE WHEN :p3::text = 'super_admin' THEN 4
     WHEN f.tenant_id <> :p1::text THEN 0
     WHEN :p3::text = 'tenant_admin' OR f.owner_id = :p2::text THEN 4
     ELSE greatest((SELECT a.level
                      FROM scaiflow.flow_acls a
                     WHERE a.tenant_id = f.tenant_id AND a.flow_id = f.id
                       AND a.principal_type = 'user' AND a.principal_id = :p4::text),
                   (SELECT max(a.level)
                      FROM scaiflow.flow_acls a
                      JOIN scaiflow.memberships m ON m.tenant_id = a.tenant_id AND m.group_id = a.principal_id
                     WHERE a.tenant_id = f.tenant_id AND a.flow_id = f.id AND a.principal_type = 'group'
                       AND m.user_id = :p4::text AND m.deleted_at IS NULL),
                   0)::integer
 END)";

/// Columns of a Head, in the order of HeadColumns; without the level.
inline constexpr char head_columns[] = R"(
f.tenant_id, f.id, f.name, f.description, f.owner_id, f.version, f.number, f.revision,
(extract(epoch FROM f.created_at) * 1000000)::bigint, (extract(epoch FROM f.updated_at) * 1000000)::bigint,
f.updated_by, (extract(epoch FROM f.deleted_at) * 1000000)::bigint)";

inline constexpr char select[] = "SELECT ";
inline constexpr char comma[] = ", ";

} // namespace scaiflow::flows::sql
