// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/store_acls.hpp"

namespace scaiflow::flows::store {

using scai::db::Executor;
using scai::db::Tx;

namespace {

constexpr auto select_acls = R"(
SELECT a.id, a.flow_id, a.principal_type, a.principal_id, coalesce(nullif(u.display_name, ''), nullif(u.email, ''), g.name),
       a.level::integer, a.granted_by, (extract(epoch FROM a.granted_at) * 1000000)::bigint
  FROM scaiflow.flow_acls a
  LEFT JOIN scaiflow.users u ON a.principal_type = 'user' AND u.tenant_id = a.tenant_id AND u.id = a.principal_id
  LEFT JOIN scaiflow.groups g ON a.principal_type = 'group' AND g.tenant_id = a.tenant_id AND g.id = a.principal_id
 WHERE a.tenant_id = :p1 AND a.flow_id = :p2
   AND (:p3::text IS NULL OR a.id = :p3::text)
   AND (:p4::text IS NULL OR (a.principal_type = :p4::text AND a.principal_id = :p5::text))
 ORDER BY a.granted_at, a.id)";

constexpr auto count_of_flow = R"(
SELECT count(*) FROM scaiflow.flow_acls WHERE tenant_id = :p1 AND flow_id = :p2)";

constexpr auto principal_is_there = R"(
SELECT CASE :p2::text
       WHEN 'user' THEN EXISTS (SELECT FROM scaiflow.users
                                 WHERE tenant_id = :p1 AND id = :p3 AND deleted_at IS NULL)
       ELSE EXISTS (SELECT FROM scaiflow.groups
                     WHERE tenant_id = :p1 AND id = :p3 AND deleted_at IS NULL) END)";

constexpr auto insert_one = R"(
INSERT INTO scaiflow.flow_acls (tenant_id, id, flow_id, principal_type, principal_id, level, granted_by, listed_at)
SELECT f.tenant_id, :p3, f.id, :p4, :p5, :p6::smallint, :p7, f.updated_at
  FROM scaiflow.flows f
 WHERE f.tenant_id = :p1 AND f.id = :p2 AND f.deleted_at IS NULL
ON CONFLICT (tenant_id, flow_id, principal_type, principal_id) DO NOTHING)";

constexpr auto update_acl_row = R"(
UPDATE scaiflow.flow_acls
   SET level = :p4::smallint, granted_by = :p5, granted_at = clock_timestamp()
 WHERE tenant_id = :p1 AND flow_id = :p2 AND id = :p3)";

constexpr auto delete_acl_row = R"(
DELETE FROM scaiflow.flow_acls WHERE tenant_id = :p1 AND flow_id = :p2 AND id = :p3)";

std::vector<Acl> select(Executor& reader, const Head& flow, std::optional<std::string_view> id,
                        std::optional<std::string_view> type, std::optional<std::string_view> principal) {
    std::vector<Acl> out;
    for (auto& [acl_id, flow_id, principal_type, principal_id, name, level, granted_by, granted_at] :
         reader.all<std::string, std::string, std::string, std::string, std::optional<std::string>, int,
                    std::string, std::int64_t>(select_acls, flow.tenant_id, flow.id, id, type, principal))
        out.push_back({std::move(acl_id), std::move(flow_id), std::move(principal_type),
                       std::move(principal_id), std::move(name), static_cast<Level>(level),
                       std::move(granted_by), scai::UtcTime(std::chrono::microseconds(granted_at))});
    return out;
}

std::optional<Acl> first(std::vector<Acl> rows) {
    return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
}

} // namespace

std::vector<Acl> acls(Executor& reader, const Head& flow) {
    return select(reader, flow, {}, {}, {});
}

std::optional<Acl> acl(Executor& reader, const Head& flow, std::string_view acl_id) {
    return first(select(reader, flow, acl_id, {}, {}));
}

std::optional<Acl> acl_of(Executor& reader, const Head& flow, std::string_view principal_type,
                          std::string_view principal_id) {
    return first(select(reader, flow, {}, principal_type, principal_id));
}

std::int64_t count_acls(Executor& reader, const Head& flow) {
    return reader.one<std::int64_t>(count_of_flow, flow.tenant_id, flow.id);
}

bool principal_exists(Executor& reader, std::string_view tenant_id, std::string_view type,
                      std::string_view id) {
    return reader.one<bool>(principal_is_there, tenant_id, type, id);
}

bool insert_acl(Tx& tx, const Head& flow, std::string_view acl_id, const NewAcl& wanted,
                std::string_view granted_by) {
    return tx.run(insert_one, flow.tenant_id, flow.id, acl_id, wanted.principal_type, wanted.principal_id,
                  static_cast<int>(wanted.level), granted_by) > 0;
}

void update_acl(Tx& tx, const Head& flow, std::string_view acl_id, Level level, std::string_view granted_by) {
    tx.run(update_acl_row, flow.tenant_id, flow.id, acl_id, static_cast<int>(level), granted_by);
}

void delete_acl(Tx& tx, const Head& flow, std::string_view acl_id) {
    tx.run(delete_acl_row, flow.tenant_id, flow.id, acl_id);
}

} // namespace scaiflow::flows::store
