// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/store.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/db/sql.hpp"
#include "lib/scaiflow/flows/store_access_sql.hpp"
#include "lib/scaiflow/flows/store_head.hpp"

namespace scaiflow::flows::store {

using scai::Result;
using scai::db::Executor;
using scai::db::Tx;

namespace {

// The versions ride along, so that one round trip both reads the flow and confirms the caller.
constexpr char versions[] = R"(,
       f.xmin, (SELECT u.xmin FROM scaiflow.users u WHERE u.tenant_id = :p1::text AND u.id = :p2::text),
       (SELECT t.xmin FROM scaiflow.tenants t WHERE t.id = :p1::text))";
constexpr char from_flows[] = R"(
  FROM scaiflow.flows f)";
constexpr char with_content[] = R"(, v.content
  FROM scaiflow.flows f
  JOIN scaiflow.flow_versions v ON v.tenant_id = f.tenant_id AND v.flow_id = f.id AND v.number = f.number)";
constexpr char by_id[] = R"(
 WHERE f.id = :p5::text AND (f.tenant_id = :p1::text OR :p3::text = 'super_admin'))";

constexpr auto find_head = scai::db::joined<sql::select, sql::head_columns, sql::comma, sql::level_of_caller,
                                            versions, from_flows, by_id>;
constexpr auto find_detail = scai::db::joined<sql::select, sql::head_columns, sql::comma,
                                              sql::level_of_caller, versions, with_content, by_id>;

constexpr auto find_versions = R"(
SELECT x.n, f.xmin, (SELECT u.xmin FROM scaiflow.users u WHERE u.tenant_id = :p1::text AND u.id = x.user_id),
       (SELECT t.xmin FROM scaiflow.tenants t WHERE t.id = :p1::text)
  FROM unnest((SELECT :p3::text[]), (SELECT :p4::text[])) WITH ORDINALITY AS x(user_id, flow_id, n)
  JOIN scaiflow.flows f ON f.id = x.flow_id
 WHERE f.tenant_id = :p1::text OR :p2::text = 'super_admin')";

constexpr auto find_content = R"(
SELECT content FROM scaiflow.flow_versions WHERE tenant_id = :p1 AND flow_id = :p2 AND number = :p3::bigint)";

constexpr auto find_content_hash = R"(
SELECT content_sha256 FROM scaiflow.flow_versions WHERE tenant_id = :p1 AND flow_id = :p2 AND number = :p3::bigint)";

constexpr auto insert_flow = R"(
INSERT INTO scaiflow.flows (tenant_id, id, name, description, owner_id, version, created_by, updated_by,
                            created_at, updated_at)
SELECT :p1, :p2, :p3, :p4, :p5, :p6, :p5, :p5, t.now, t.now FROM (SELECT clock_timestamp() AS now) AS t
RETURNING (extract(epoch FROM created_at) * 1000000)::bigint, revision, number)";

constexpr auto insert_flow_version = R"(
INSERT INTO scaiflow.flow_versions (tenant_id, flow_id, number, version, content, content_sha256, created_by,
                                    restored_from)
VALUES (:p1, :p2, :p3::bigint, :p4, :p5, :p6, :p7, :p8))";

// flow_acls.listed_at repeats updated_at: lists walk it. Two changes within a microsecond still differ.
constexpr auto update_flow = R"(
WITH changed AS (
    UPDATE scaiflow.flows
       SET name = :p3, description = :p4, owner_id = :p5, version = :p6, number = :p7::bigint, revision = revision + 1,
           updated_at = greatest(clock_timestamp(), updated_at + interval '1 microsecond'), updated_by = :p8
     WHERE tenant_id = :p1 AND id = :p2
    RETURNING tenant_id, id, revision, updated_at
), listed AS (
    UPDATE scaiflow.flow_acls a SET listed_at = c.updated_at
      FROM changed c WHERE a.tenant_id = c.tenant_id AND a.flow_id = c.id
)
SELECT revision, (extract(epoch FROM updated_at) * 1000000)::bigint FROM changed)";

constexpr auto delete_flow = R"(
WITH changed AS (
    UPDATE scaiflow.flows
       SET deleted_at = clock_timestamp(), deleted_by = :p3, revision = revision + 1
     WHERE tenant_id = :p1 AND id = :p2
    RETURNING tenant_id, id, revision
), listed AS (
    UPDATE scaiflow.flow_acls a SET listed_at = NULL
      FROM changed c WHERE a.tenant_id = c.tenant_id AND a.flow_id = c.id
)
SELECT revision FROM changed)";

constexpr auto undelete_flow = R"(
WITH changed AS (
    UPDATE scaiflow.flows
       SET deleted_at = NULL, deleted_by = NULL, revision = revision + 1,
           updated_at = greatest(clock_timestamp(), updated_at + interval '1 microsecond'), updated_by = :p3
     WHERE tenant_id = :p1 AND id = :p2
    RETURNING tenant_id, id, revision, updated_at
), listed AS (
    UPDATE scaiflow.flow_acls a SET listed_at = c.updated_at
      FROM changed c WHERE a.tenant_id = c.tenant_id AND a.flow_id = c.id
)
SELECT revision, (extract(epoch FROM updated_at) * 1000000)::bigint FROM changed)";

constexpr auto insert_audit = R"(
INSERT INTO scaiflow.audit_log (tenant_id, actor, action, object_type, object_id, before, after, cause)
VALUES (:p1, :p2, :p3, 'flow', :p4, :p5::jsonb, :p6::jsonb, :p7::jsonb))";

constexpr auto find_live_user = R"(
SELECT true FROM scaiflow.users
 WHERE tenant_id = :p1 AND id = :p2 AND deleted_at IS NULL AND upper(status) = 'ACTIVE')";

constexpr auto find_user_name = R"(
SELECT CASE WHEN display_name <> '' THEN display_name ELSE email END
  FROM scaiflow.users WHERE tenant_id = :p1 AND id = :p2)";

std::string hash_of(std::string_view content) {
    return scai::crypto::to_hex(scai::crypto::sha256(content));
}

scai::UtcTime time_of(std::int64_t micros) {
    return scai::UtcTime(std::chrono::microseconds(micros));
}

using RowVersion = std::optional<std::string>;

/// A decision follows from these and from the rows of its versions.
std::string decision_key(const Caller& caller, const std::string& flow_id) {
    return caller.tenant_id + '\n' + caller.subject + '\n' + caller.admin_role +
           (caller.service ? "\nservice\n" : "\n\n") + flow_id;
}

std::optional<UserVersion> caller_version(RowVersion& user, RowVersion& tenant) {
    if (!user)
        return std::nullopt;
    return UserVersion{.user = std::move(*user), .tenant = std::move(tenant)};
}

/// Whether the database still has the rows the decision was made by.
bool confirmed(Memory& memory, const Caller& caller, const std::string& flow_id, const Decision& decision,
               std::optional<UserVersion>& seen) {
    auto current = memory.versions.ask(caller.tenant_id + '\n' + caller.admin_role,
                                       {.caller = caller, .flow_id = flow_id});
    if (!current)
        return false;
    seen = std::move(current->caller);
    return current->flow == decision.flow && seen == decision.caller;
}

} // namespace

std::vector<std::optional<Versions>> versions(Executor& reader, const std::vector<VersionsOf>& asked) {
    std::vector<std::string> users, flows;
    for (const auto& each : asked) {
        users.push_back(each.caller.subject);
        flows.push_back(each.flow_id);
    }
    const auto& any = asked.front().caller;
    std::vector<std::optional<Versions>> out(asked.size());
    for (auto& [n, flow, user, tenant] : reader.all<std::int64_t, std::string, RowVersion, RowVersion>(
             find_versions, any.tenant_id, any.admin_role, users, flows))
        out.at(static_cast<std::size_t>(n - 1)) =
            Versions{.flow = std::move(flow), .caller = caller_version(user, tenant)};
    return out;
}

Result<Found> detail(scai::db::Pool& pool, const Caller& caller, const std::string& flow_id, Memory& memory,
                     std::optional<UserVersion>& seen) {
    const auto now = std::chrono::steady_clock::now();
    const auto key = decision_key(caller, flow_id);
    const auto judged = [&](auto& row) -> Result<std::shared_ptr<const Head>> {
        seen = row ? caller_version(std::get<14>(*row), std::get<15>(*row)) : std::nullopt;
        SCAI_TRY(auto head,
                 judge(row ? std::optional(head_of(*row)) : std::nullopt, Level::view, Deleted::hidden));
        if (!seen) // a service, or a person the mirror does not know: no version tells of a change
            return std::make_shared<const Head>(std::move(head));
        const auto decision = std::make_shared<const Decision>(
            Decision{.flow = std::move(std::get<13>(*row)), .caller = *seen, .head = std::move(head)});
        memory.decisions.keep(key, decision, now);
        return std::shared_ptr<const Head>(decision, &decision->head);
    };
    if (const auto content = memory.contents.find(flow_id, now)) {
        const auto is_of = [&](const Head& head) {
            return content->tenant_id == head.tenant_id && content->number == head.number;
        };
        const auto known = memory.decisions.find(key, now);
        if (known && is_of(known->head) && confirmed(memory, caller, flow_id, *known, seen))
            return Found{.head = {known, &known->head}, .content = content->text};
        auto reader = pool.read(scope_of(caller));
        auto row = HeadRowOf<std::string, RowVersion, RowVersion>::maybe(reader, find_head, caller.tenant_id,
                                                                         caller.subject, caller.admin_role,
                                                                         caller.principal_id(), flow_id);
        SCAI_TRY(auto head, judged(row));
        if (is_of(*head))
            return Found{.head = std::move(head), .content = content->text};
    }
    auto reader = pool.read(scope_of(caller));
    auto row = HeadRowOf<std::string, RowVersion, RowVersion, std::string>::maybe(
        reader, find_detail, caller.tenant_id, caller.subject, caller.admin_role, caller.principal_id(),
        flow_id);
    SCAI_TRY(auto head, judged(row));
    auto text = std::make_shared<const std::string>(std::move(std::get<16>(*row)));
    memory.contents.keep(flow_id, {.tenant_id = head->tenant_id,
                                   .number = head->number,
                                   .text = text,
                                   .until = now + Contents::longest});
    return Found{.head = std::move(head), .content = std::move(text)};
}

std::string content(Executor& reader, const Head& head) {
    return reader.one<std::string>(find_content, head.tenant_id, head.id, head.number);
}

bool same_content(Executor& reader, const Head& head, std::string_view text) {
    return reader.one<std::string>(find_content_hash, head.tenant_id, head.id, head.number) == hash_of(text);
}

Head insert(Tx& tx, const Caller& caller, const std::string& flow_id, const Draft& draft,
            const std::string& version, const std::string& content) {
    Head head;
    head.tenant_id = caller.tenant_id;
    head.id = flow_id;
    head.name = draft.name;
    head.description = draft.description;
    head.owner_id = caller.subject;
    head.version = version;
    const auto [created, revision, number] = tx.one<std::int64_t, std::int64_t, std::int64_t>(
        insert_flow, head.tenant_id, head.id, head.name, head.description, head.owner_id, head.version);
    head.created_at = head.updated_at = time_of(created);
    head.revision = revision;
    head.number = number;
    head.updated_by = caller.subject;
    head.level = Level::admin;
    insert_version(tx, head, caller.subject, content);
    return head;
}

void insert_version(Tx& tx, const Head& head, const std::string& author, const std::string& content,
                    const std::optional<std::string>& restored_from) {
    tx.run(insert_flow_version, head.tenant_id, head.id, head.number, head.version, content, hash_of(content),
           author, restored_from);
}

void update(Tx& tx, Head& head, const std::string& author) {
    const auto [revision, updated] =
        tx.one<std::int64_t, std::int64_t>(update_flow, head.tenant_id, head.id, head.name, head.description,
                                           head.owner_id, head.version, head.number, author);
    head.revision = revision;
    head.updated_at = time_of(updated);
    head.updated_by = author;
}

void mark_deleted(Tx& tx, Head& head, const std::string& author) {
    head.revision = tx.one<std::int64_t>(delete_flow, head.tenant_id, head.id, author);
    head.deleted = true;
}

void undelete(Tx& tx, Head& head, const std::string& author) {
    const auto [revision, updated] =
        tx.one<std::int64_t, std::int64_t>(undelete_flow, head.tenant_id, head.id, author);
    head.revision = revision;
    head.updated_at = time_of(updated);
    head.updated_by = author;
    head.deleted = false;
    head.deleted_at.reset();
}

void audit(Tx& tx, const Caller& caller, const Head& head, std::string_view action,
           const scai::json::Value& before, const scai::json::Value& after) {
    const auto text = [](const scai::json::Value& value) {
        return value.present() ? std::optional(value.dump()) : std::nullopt;
    };
    tx.run(insert_audit, head.tenant_id, caller.subject, action, head.id, text(before), text(after),
           scai::json::Value::object({{"request_id", caller.request_id}}).dump());
}

bool live_user(Executor& reader, const std::string& tenant_id, const std::string& user_id) {
    return reader.maybe<bool>(find_live_user, tenant_id, user_id).value_or(false);
}

std::string user_name(Executor& reader, const std::string& tenant_id, const std::string& user_id) {
    return reader.maybe<std::string>(find_user_name, tenant_id, user_id).value_or("");
}

} // namespace scaiflow::flows::store
