// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/directory/users.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/scaikey/app/errors.hpp"
#include "lib/scaikey/directory/events.hpp"
#include "lib/scaikey/directory/principal_pages.hpp"
#include "lib/scaikey/directory/unique.hpp"
#include "lib/scaikey/oauth/store.hpp"

namespace scaikey::directory {

using scai::Done;
using scai::Result;
using scai::Status;
using scai::db::Pool;
using scai::db::Reader;
using scai::db::Tx;
using scai::json::Value;

namespace {

constexpr char user_counter[] = "users";
constexpr char user_table[] = "scaikey.users";
constexpr char user_object[] = "scaikey.user_json";

constexpr const char* list_filtered_users_sql = R"(
WITH hits AS MATERIALIZED (
    SELECT k.id
      FROM scaikey.users k
     WHERE k.deleted_at IS NULL
       AND (:p1::text[] IS NULL OR k.tenant_id = ANY (:p1::text[]))
       AND (:p2 = '' OR k.status = :p2)
       AND (:p3 = '' OR strpos(lower(k.email), lower(:p3)) > 0 OR strpos(lower(k.display_name), lower(:p3)) > 0
            OR strpos(lower(concat_ws(' ', k.first_name, k.last_name)), lower(:p3)) > 0))
SELECT (SELECT count(*) FROM hits),
       (SELECT coalesce(json_agg(scaikey.user_json(u) ORDER BY u.id)::text, '[]')
          FROM (SELECT h.id FROM hits h ORDER BY h.id OFFSET :p4::bigint LIMIT :p5::bigint) page
          JOIN scaikey.users u ON u.id = page.id))";

constexpr const char* get_user_sql = R"(
SELECT u.tenant_id, coalesce(t.partner_id, ''), scaikey.user_json(u)::text
  FROM scaikey.users u
  JOIN scaikey.tenants t ON t.id = u.tenant_id
 WHERE u.id = :p1 AND u.deleted_at IS NULL)";

constexpr const char* lock_user_sql = R"(
SELECT u.tenant_id, coalesce(t.partner_id, ''), coalesce(u.admin_role, ''), u.status
  FROM scaikey.users u
  JOIN scaikey.tenants t ON t.id = u.tenant_id
 WHERE u.id = :p1 AND u.deleted_at IS NULL
   FOR UPDATE OF u)";

constexpr const char* lock_tenant_sql = R"(
SELECT coalesce((SELECT p.max_users_per_tenant FROM scaikey.partners p WHERE p.id = t.partner_id), 2147483647),
       coalesce((SELECT s.users FROM scaikey.tenant_stats s WHERE s.tenant_id = t.id), 0)
  FROM scaikey.tenants t
 WHERE t.id = :p1 AND t.deleted_at IS NULL
   FOR NO KEY UPDATE OF t)";

constexpr const char* insert_user_sql = R"(
INSERT INTO scaikey.users AS u (id, tenant_id, email, first_name, last_name, display_name, status, admin_role, title,
                                department, manager, identity_source, custom_attributes, password_hash,
                                password_changed_at)
SELECT :p1, :p2, r.email, r.first_name, r.last_name,
       coalesce(r.display_name, nullif(concat_ws(' ', r.first_name, r.last_name), ''), r.email),
       coalesce(r.status, 'ACTIVE'), r.admin_role, r.title, r.department, r.manager,
       coalesce(r.identity_source, 'LOCAL'), coalesce(r.custom_attributes, '{}'::jsonb),
       :p4, CASE WHEN :p4::text IS NOT NULL THEN clock_timestamp() END
  FROM jsonb_populate_record(NULL::scaikey.users, :p3::jsonb) r
RETURNING scaikey.user_json(u)::text)";

constexpr const char* update_user_sql = R"(
UPDATE scaikey.users u
   SET (email, first_name, last_name, display_name, admin_role, title, department, manager, custom_attributes,
        updated_at) =
       (SELECT r.email, r.first_name, r.last_name, r.display_name, r.admin_role, r.title, r.department, r.manager,
               r.custom_attributes, clock_timestamp()
          FROM jsonb_populate_record(u, :p2::jsonb) r)
 WHERE u.id = :p1
RETURNING scaikey.user_json(u)::text)";

constexpr const char* delete_user_sql = R"(
UPDATE scaikey.users u
   SET deleted_at = clock_timestamp(), updated_at = clock_timestamp()
 WHERE u.id = :p1)";

constexpr const char* status_user_sql = R"(
UPDATE scaikey.users u
   SET status = :p2, updated_at = clock_timestamp()
 WHERE u.id = :p1
RETURNING scaikey.user_json(u)::text)";

constexpr const char* password_user_sql = R"(
UPDATE scaikey.users u
   SET password_hash = :p2, password_changed_at = clock_timestamp(), updated_at = clock_timestamp()
 WHERE u.id = :p1)";

constexpr PrincipalKind user_kind{"users",
                                  "User",
                                  page_of_all<user_counter, user_table, user_object>,
                                  page_of_tenant<user_counter, user_table, user_object>,
                                  list_filtered_users_sql,
                                  get_user_sql};

constexpr const char* duplicate_user = "A user with this e-mail address exists already in the tenant";
constexpr std::size_t password_min = 8;
constexpr std::size_t password_max = 1024;

struct LockedUser {
    std::string tenant_id, status;
};

/// The row, locked, visible and not above the caller.
Result<LockedUser> lock_user(Tx& tx, const Caller& by, const std::string& id) {
    auto row = tx.maybe<std::string, std::string, std::string, std::string>(lock_user_sql, id);
    if (!row)
        return not_found("User");
    const auto& [tenant, partner, role, status] = *row;
    if (!covers(by.reach, tenant, partner))
        return not_found("User");
    if (rank_of_role(role) > rank_of(by.reach))
        return forbidden("This user has a higher admin role");
    return LockedUser{tenant, status};
}

void profile_fields(Changes& changes, const Caller& by) {
    changes.email("email");
    for (const char* key : {"first_name", "last_name", "title", "department", "manager"})
        changes.text(key, {.min = 0, .max = 200}, Null::empties);
    changes.text("display_name", {.max = 200});
    changes.object("custom_attributes");
    changes.text("admin_role", {.max = 20, .one_of = {"super_admin", "partner_admin", "tenant_admin"}},
                 Null::empties);
    if (rank_of_role(changes.member("admin_role")) > rank_of(by.reach))
        changes.reject("admin_role", "is above your own role");
}

Result<std::optional<std::string>> password_of(const Value& body) {
    scai::json::Fields fields(body, "body");
    auto password = fields.optional_text("password", {.min = password_min, .max = password_max});
    if (auto error = fields.error())
        return *error;
    return password;
}

} // namespace

Result<ListPage> list_users(Pool& pool, const Caller& by, const PrincipalFilter& filter, const Paging& paging,
                            PageAnchors& anchors) {
    return list_principals(pool, by, user_kind, filter, paging, anchors);
}

Result<std::string> get_user(Pool& pool, const Caller& by, const std::string& id) {
    return get_principal(pool, by, user_kind, id);
}

Result<std::string> create_user(Pool& pool, const Caller& by, const Value& body) {
    Changes changes(body);
    changes.require("email");
    profile_fields(changes, by);
    tenant_field(changes, by);
    changes.text("status", {.max = 20, .one_of = {"ACTIVE", "SUSPENDED"}});
    changes.text("identity_source", {.max = 20, .one_of = {"LOCAL", "LDAP", "OIDC"}});
    changes.text("password", {.min = password_min, .max = password_max});
    SCAI_TRY(auto accepted, changes.take());
    const std::string tenant = tenant_of(changes, by);
    std::optional<std::string> hash;
    if (changes.has("password"))
        hash = scai::crypto::hash_password(changes.member("password"));
    accepted.set("password", Value(nullptr)); // no column of that name; nor shall it travel on
    const std::string id = "usr_" + scai::crypto::random_id(20);
    return in_tx_unique(pool, scope_of(by.reach), duplicate_user, [&](Tx& tx) -> Result<std::string> {
        SCAI_TRY([[maybe_unused]] auto exists, tenant_exists(tx, by, tenant));
        const auto room = tx.maybe<std::int64_t, std::int64_t>(lock_tenant_sql, tenant);
        if (room && std::get<1>(*room) >= std::get<0>(*room))
            return conflict("The partner allows at most " + std::to_string(std::get<0>(*room)) +
                            " users per tenant");
        auto object = tx.one<std::string>(insert_user_sql, id, tenant, accepted.dump(), hash);
        emit_user(tx, by, "user.created", id);
        return object;
    });
}

Result<std::string> update_user(Pool& pool, const Caller& by, const std::string& id, const Value& body) {
    Changes changes(body);
    profile_fields(changes, by);
    changes.refuse("password", "is changed by POST .../reset-password");
    changes.refuse("status", "is changed by POST .../suspend and .../activate");
    changes.refuse("tenant_id", "cannot be changed: a user lives in one tenant");
    SCAI_TRY(const auto accepted, changes.take());
    return in_tx_unique(pool, scope_of(by.reach), duplicate_user, [&](Tx& tx) -> Result<std::string> {
        SCAI_TRY([[maybe_unused]] auto user, lock_user(tx, by, id));
        auto object = tx.one<std::string>(update_user_sql, id, accepted.dump());
        emit_user(tx, by, "user.updated", id);
        return object;
    });
}

Status delete_user(Pool& pool, const Caller& by, const std::string& id) {
    return scai::db::in_tx(pool, scope_of(by.reach), [&](Tx& tx) -> Status {
        SCAI_TRY(const auto user, lock_user(tx, by, id));
        drop_relations(tx, by, user.tenant_id, id);
        tx.run(delete_user_sql, id);
        oauth::end_user(tx, id);
        emit_user(tx, by, "user.deleted", id);
        return Done{};
    });
}

Result<std::string> set_user_status(Pool& pool, const Caller& by, const std::string& id, UserStatus status) {
    const bool suspend = status == UserStatus::suspended;
    return scai::db::in_tx(pool, scope_of(by.reach), [&](Tx& tx) -> Result<std::string> {
        SCAI_TRY(const auto user, lock_user(tx, by, id));
        const std::string wanted = suspend ? "SUSPENDED" : "ACTIVE";
        if (user.status == wanted)
            return std::get<2>(tx.one<std::string, std::string, std::string>(get_user_sql, id));
        auto object = tx.one<std::string>(status_user_sql, id, wanted);
        if (suspend)
            oauth::end_user(tx, id); // what was signed in before stays out after an activation
        emit_user(tx, by, suspend ? "user.suspended" : "user.activated", id);
        return object;
    });
}

Result<std::string> reset_password(Pool& pool, const Caller& by, const std::string& id, const Value& body) {
    SCAI_TRY(auto password, password_of(body));
    Value answer = Value::object({{"id", id}, {"password_reset", true}});
    if (!password) {
        password = scai::crypto::random_id(20);
        answer.set("temporary_password", *password);
    }
    // 80 ms of scrypt outside the transaction: no row stays locked meanwhile.
    const std::string hash = scai::crypto::hash_password(*password);
    return scai::db::in_tx(pool, scope_of(by.reach), [&](Tx& tx) -> Result<std::string> {
        SCAI_TRY([[maybe_unused]] auto user, lock_user(tx, by, id));
        tx.run(password_user_sql, id, hash);
        oauth::end_user(tx, id);
        emit_user(tx, by, "user.password_changed", id);
        return answer.dump();
    });
}

} // namespace scaikey::directory
