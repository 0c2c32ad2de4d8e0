// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/directory/groups.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/json/rows.hpp"
#include "lib/scaikey/app/errors.hpp"
#include "lib/scaikey/directory/events.hpp"
#include "lib/scaikey/directory/principal_pages.hpp"
#include "lib/scaikey/directory/unique.hpp"

#include <tuple>

namespace scaikey::directory {

using scai::Done;
using scai::Result;
using scai::Status;
using scai::db::Pool;
using scai::db::Tx;
using scai::json::Value;

namespace {

constexpr char group_counter[] = "groups";
constexpr char group_table[] = "scaikey.groups";
constexpr char group_object[] = "scaikey.group_json";

constexpr const char* list_filtered_groups_sql = R"(
WITH hits AS MATERIALIZED (
    SELECT k.id
      FROM scaikey.groups k
     WHERE k.deleted_at IS NULL
       AND (:p1::text[] IS NULL OR k.tenant_id = ANY (:p1::text[]))
       AND (:p2 = '' OR k.group_type = :p2)
       AND (:p3 = '' OR strpos(lower(k.name), lower(:p3)) > 0 OR strpos(lower(k.description), lower(:p3)) > 0))
SELECT (SELECT count(*) FROM hits),
       (SELECT coalesce(json_agg(scaikey.group_json(g) ORDER BY g.id)::text, '[]')
          FROM (SELECT h.id FROM hits h ORDER BY h.id OFFSET :p4::bigint LIMIT :p5::bigint) page
          JOIN scaikey.groups g ON g.id = page.id))";

constexpr const char* get_group_sql = R"(
SELECT g.tenant_id, coalesce(t.partner_id, ''), scaikey.group_json(g)::text
  FROM scaikey.groups g
  JOIN scaikey.tenants t ON t.id = g.tenant_id
 WHERE g.id = :p1 AND g.deleted_at IS NULL)";

// NO KEY UPDATE: what the member counter's trigger will need anyway, so two adders queue instead of
// deadlocking.
constexpr const char* lock_group_sql = R"(
SELECT g.tenant_id, coalesce(t.partner_id, '')
  FROM scaikey.groups g
  JOIN scaikey.tenants t ON t.id = g.tenant_id
 WHERE g.id = :p1 AND g.deleted_at IS NULL
   FOR NO KEY UPDATE OF g)";

constexpr const char* insert_group_sql = R"(
INSERT INTO scaikey.groups AS g (id, tenant_id, name, description, group_type)
SELECT :p1, :p2, r.name, r.description, coalesce(r.group_type, 'SECURITY')
  FROM jsonb_populate_record(NULL::scaikey.groups, :p3::jsonb) r
RETURNING scaikey.group_json(g)::text)";

constexpr const char* update_group_sql = R"(
UPDATE scaikey.groups g
   SET (name, description, group_type, status, updated_at) =
       (SELECT r.name, r.description, r.group_type, r.status, clock_timestamp()
          FROM jsonb_populate_record(g, :p2::jsonb) r)
 WHERE g.id = :p1
RETURNING scaikey.group_json(g)::text)";

constexpr const char* delete_group_sql = R"(
UPDATE scaikey.groups g
   SET deleted_at = clock_timestamp(), updated_at = clock_timestamp()
 WHERE g.id = :p1)";

// The group and a page of its members, each row with the group's facts in front; a group without members is
// one row without a member. Found on the key from the anchor as in the lists above. Columns, not
// json_build_object: that looks every type up again for every row, and took half of the time of a walk. LIMIT 1
// keeps nested groups a look at the key: as a plain join every page read the whole table of groups.
constexpr const char* members_sql = R"(
WITH found AS MATERIALIZED (
    SELECT g.tenant_id, coalesce(t.partner_id, '') AS partner_id, g.member_count, coalesce(s.version, 0) AS version
      FROM scaikey.groups g
      JOIN scaikey.tenants t ON t.id = g.tenant_id
      LEFT JOIN scaikey.tenant_stats s ON s.tenant_id = g.tenant_id
     WHERE g.id = :p1 AND g.deleted_at IS NULL),
start AS MATERIALIZED (
    SELECT CASE WHEN f.version = :p4::bigint THEN :p5::text ELSE '' END COLLATE "C" AS after_id,
           CASE WHEN f.version = :p4::bigint THEN :p6::bigint ELSE :p2::bigint END AS skip
      FROM found f),
page AS (
    SELECT m.member_id, m.member_type, m.added_at
      FROM scaikey.group_members m
     WHERE m.tenant_id = (SELECT f.tenant_id FROM found f) AND m.group_id = :p1
       AND m.member_id > (SELECT s.after_id FROM start s) COLLATE "C"
     ORDER BY m.member_id
    OFFSET (SELECT s.skip FROM start s) LIMIT :p3::bigint)
SELECT f.tenant_id, f.partner_id, f.member_count, f.version, p.member_id, p.member_type, scaikey.iso(p.added_at),
       u.email, u.first_name, u.last_name, u.display_name, u.status, n.name, n.status
  FROM found f
  LEFT JOIN page p ON true
  LEFT JOIN scaikey.users u ON u.id = CASE WHEN p.member_type = 'user' THEN p.member_id END
  LEFT JOIN LATERAL (SELECT g.name, g.status
                       FROM scaikey.groups g
                      WHERE p.member_type = 'group' AND g.id = p.member_id
                      LIMIT 1) n ON true
 ORDER BY p.member_id)";

constexpr const char* one_member_sql = R"(
SELECT CASE WHEN m.member_type = 'user'
            THEN json_build_object('id', u.id, 'user_id', u.id, 'member_type', 'user', 'email', u.email,
                     'display_name', u.display_name, 'membership_type', 'DIRECT', 'added_at', scaikey.iso(m.added_at))
            ELSE json_build_object('id', g.id, 'member_type', 'group', 'name', g.name, 'membership_type', 'DIRECT',
                     'added_at', scaikey.iso(m.added_at))
       END::text
  FROM scaikey.group_members m
  LEFT JOIN scaikey.users u ON u.id = m.member_id AND m.member_type = 'user'
  LEFT JOIN scaikey.groups g ON g.id = m.member_id AND m.member_type = 'group'
 WHERE m.tenant_id = :p1 AND m.group_id = :p2 AND m.member_id = :p3)";

// SHARE: the member cannot be deleted before this transaction ends.
constexpr const char* lock_member_sql = R"(
SELECT u.id
  FROM scaikey.users u
 WHERE u.id = :p1 AND u.tenant_id = :p2 AND u.deleted_at IS NULL
   FOR SHARE)";
constexpr const char* lock_nested_sql = R"(
SELECT g.id
  FROM scaikey.groups g
 WHERE g.id = :p1 AND g.tenant_id = :p2 AND g.deleted_at IS NULL
   FOR KEY SHARE)";

// One nesting at a time per tenant, or two halves of a circle could pass each other.
constexpr const char* lock_nesting_sql = R"(
SELECT count(pg_advisory_xact_lock(hashtextextended('scaikey.nesting:' || :p1, 0))))";

constexpr const char* would_circle_sql = R"(
WITH RECURSIVE below (group_id) AS (
    SELECT :p2::text COLLATE "C"
    UNION
    SELECT m.member_id
      FROM below b
      JOIN scaikey.group_members m
        ON m.tenant_id = :p1 AND m.group_id = b.group_id AND m.member_type = 'group')
SELECT count(*)
  FROM below b
 WHERE b.group_id = :p3)";

constexpr const char* add_member_sql = R"(
INSERT INTO scaikey.group_members (tenant_id, group_id, member_id, member_type, added_at)
VALUES (:p1, :p2, :p3, :p4, clock_timestamp())
    ON CONFLICT (tenant_id, group_id, member_id) DO NOTHING)";

constexpr const char* remove_member_sql = R"(
DELETE FROM scaikey.group_members m
 WHERE m.tenant_id = :p1 AND m.group_id = :p2 AND m.member_id = :p3
RETURNING m.member_type)";

constexpr PrincipalKind group_kind{"groups",
                                   "Group",
                                   page_of_all<group_counter, group_table, group_object>,
                                   page_of_tenant<group_counter, group_table, group_object>,
                                   list_filtered_groups_sql,
                                   get_group_sql};

constexpr const char* duplicate_group = "A group with this name exists already in the tenant";

/// The tenant of the group, which stays locked; 404 outside reach.
Result<std::string> lock_group(Tx& tx, const Caller& by, const std::string& id) {
    auto row = tx.maybe<std::string, std::string>(lock_group_sql, id);
    if (!row || !covers(by.reach, std::get<0>(*row), std::get<1>(*row)))
        return not_found("Group");
    return std::get<0>(std::move(*row));
}

void group_fields(Changes& changes) {
    changes.text("name", {.max = 200});
    changes.text("description", {.min = 0, .max = 2000}, Null::empties);
    changes.text("group_type", {.max = 20, .one_of = {"SECURITY", "DISTRIBUTION_LIST"}});
}

struct Member {
    std::string id, type;
};

/// Exactly one of user_id and group_id.
Result<Member> member_of(const Value& body) {
    scai::json::Fields fields(body, "body");
    auto user = fields.optional_text("user_id", {.max = 64});
    auto group = fields.optional_text("group_id", {.max = 64});
    if (!fields.error() && user.has_value() == group.has_value())
        fields.reject("user_id", "exactly one of user_id and group_id is required");
    if (auto error = fields.error())
        return *error;
    return user ? Member{std::move(*user), "user"} : Member{std::move(*group), "group"};
}

/// The member exists in the group's tenant and, when it is a group, closes no circle.
Status may_join(Tx& tx, const std::string& tenant, const std::string& group_id, const Member& member) {
    if (member.type == "user") {
        if (!tx.maybe<std::string>(lock_member_sql, member.id, tenant))
            return bad_field("body.user_id", "there is no such user in the tenant of the group");
        return Done{};
    }
    if (member.id == group_id)
        return conflict("A group cannot be a member of itself");
    tx.one<std::int64_t>(lock_nesting_sql, tenant);
    if (!tx.maybe<std::string>(lock_nested_sql, member.id, tenant))
        return bad_field("body.group_id", "there is no such group in the tenant of the group");
    if (tx.one<std::int64_t>(would_circle_sql, tenant, member.id, group_id) > 0)
        return conflict("The nesting would close a circle: the group is already inside the new member");
    return Done{};
}

} // namespace

Result<ListPage> list_groups(Pool& pool, const Caller& by, const PrincipalFilter& filter,
                             const Paging& paging, PageAnchors& anchors) {
    return list_principals(pool, by, group_kind, filter, paging, anchors);
}

Result<std::string> get_group(Pool& pool, const Caller& by, const std::string& id) {
    return get_principal(pool, by, group_kind, id);
}

Result<std::string> create_group(Pool& pool, const Caller& by, const Value& body) {
    Changes changes(body);
    changes.require("name");
    group_fields(changes);
    tenant_field(changes, by);
    SCAI_TRY(const auto accepted, changes.take());
    const std::string tenant = tenant_of(changes, by);
    const std::string id = "grp_" + scai::crypto::random_id(20);
    return in_tx_unique(pool, scope_of(by.reach), duplicate_group, [&](Tx& tx) -> Result<std::string> {
        SCAI_TRY([[maybe_unused]] auto exists, tenant_exists(tx, by, tenant));
        auto object = tx.one<std::string>(insert_group_sql, id, tenant, accepted.dump());
        emit_group(tx, by, "group.created", id);
        return object;
    });
}

Result<std::string> update_group(Pool& pool, const Caller& by, const std::string& id, const Value& body) {
    Changes changes(body);
    group_fields(changes);
    changes.text("status", {.max = 20, .one_of = {"ACTIVE", "SUSPENDED"}});
    changes.refuse("tenant_id", "cannot be changed: a group lives in one tenant");
    SCAI_TRY(const auto accepted, changes.take());
    return in_tx_unique(pool, scope_of(by.reach), duplicate_group, [&](Tx& tx) -> Result<std::string> {
        SCAI_TRY([[maybe_unused]] auto tenant, lock_group(tx, by, id));
        auto object = tx.one<std::string>(update_group_sql, id, accepted.dump());
        emit_group(tx, by, "group.updated", id);
        return object;
    });
}

Status delete_group(Pool& pool, const Caller& by, const std::string& id) {
    return scai::db::in_tx(pool, scope_of(by.reach), [&](Tx& tx) -> Status {
        SCAI_TRY(const auto tenant, lock_group(tx, by, id));
        drop_relations(tx, by, tenant, id);
        tx.run(delete_group_sql, id);
        emit_group(tx, by, "group.deleted", id);
        return Done{};
    });
}

Result<ListPage> list_members(Pool& pool, const Caller& by, const std::string& group_id, const Paging& paging,
                              PageAnchors& anchors) {
    using S = std::string;
    using Text = std::optional<std::string>;
    const std::string list = "members|" + group_id + "|" + std::to_string(paging.per_page);
    const PageStart start = anchors.find(list, paging.page, paging.per_page);
    const auto rows = pool.read(scope_of(by.reach))
                          .all<S, S, std::int64_t, std::int64_t, Text, Text, Text, Text, Text, Text, Text,
                               Text, Text, Text>(members_sql, group_id, paging.offset(), paging.per_page,
                                                 start.version, start.id, start.skip);
    if (rows.empty() || !covers(by.reach, std::get<0>(rows.front()), std::get<1>(rows.front())))
        return not_found("Group");
    scai::json::Rows out;
    for (const auto& [tenant, partner, count, version, id, type, added_at, email, first_name, last_name,
                      display_name, status, name, group_status] : rows) {
        if (!id)
            break;
        const bool is_user = type == "user";
        out.row().text("id", id);
        if (is_user)
            out.text("user_id", id);
        out.text("member_type", type);
        if (is_user)
            out.text("email", email)
                .text("first_name", first_name)
                .text("last_name", last_name)
                .text("display_name", display_name)
                .text("status", status);
        else
            out.text("name", name).text("status", group_status);
        out.text("tenant_id", tenant).text("membership_type", "DIRECT").text("added_at", added_at);
    }
    if (const auto& last = std::get<4>(rows.back()))
        anchors.remember(list, std::get<3>(rows.back()), paging.page, *last);
    return ListPage{std::get<2>(rows.front()), std::move(out).take()};
}

Result<AddedMember> add_member(Pool& pool, const Caller& by, const std::string& group_id, const Value& body) {
    SCAI_TRY(const auto member, member_of(body));
    return scai::db::in_tx(pool, scope_of(by.reach), [&](Tx& tx) -> Result<AddedMember> {
        SCAI_TRY(const auto tenant, lock_group(tx, by, group_id));
        SCAI_TRY([[maybe_unused]] auto allowed, may_join(tx, tenant, group_id, member));
        const bool created = tx.run(add_member_sql, tenant, group_id, member.id, member.type) > 0;
        if (created)
            emit_member(tx, by, "group.member_added", tenant, group_id, member.id, member.type);
        return AddedMember{created, tx.one<std::string>(one_member_sql, tenant, group_id, member.id)};
    });
}

Status remove_member(Pool& pool, const Caller& by, const std::string& group_id,
                     const std::string& member_id) {
    return scai::db::in_tx(pool, scope_of(by.reach), [&](Tx& tx) -> Status {
        SCAI_TRY(const auto tenant, lock_group(tx, by, group_id));
        const auto type = tx.maybe<std::string>(remove_member_sql, tenant, group_id, member_id);
        if (!type)
            return not_found("Member");
        emit_member(tx, by, "group.member_removed", tenant, group_id, member_id, *type);
        return Done{};
    });
}

} // namespace scaikey::directory
