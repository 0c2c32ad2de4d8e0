// Clients, people, password attempts, choices. Codes, grants and sessions: store_grants.cpp.
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/oauth/store.hpp"

#include "lib/json/value.hpp"
#include "lib/scaikey/oauth/rules.hpp"

namespace scaikey::oauth {

namespace {

constexpr auto select_client = R"(
SELECT a.id, a.name, a.application_type, a.scope, coalesce(a.tenant_id, ''), coalesce(a.partner_id, ''),
       coalesce(a.client_secret_hash, ''), coalesce(a.signing_algorithm, ''), a.token_lifetime::bigint,
       jsonb_build_array(to_jsonb(a.redirect_uris), to_jsonb(a.post_logout_redirect_uris),
                         to_jsonb(a.allowed_origins), to_jsonb(a.allowed_scopes))::text
  FROM scaikey.applications a
 WHERE a.client_id = :p1 AND a.deleted_at IS NULL)";

constexpr auto select_tenant = R"(
SELECT t.id, t.slug, t.name, coalesce(t.partner_id, ''),
       t.status = 'ACTIVE' AND (p.id IS NULL OR (p.status = 'ACTIVE' AND p.deleted_at IS NULL))
  FROM scaikey.tenants t
  LEFT JOIN scaikey.partners p ON p.id = t.partner_id
 WHERE t.slug = :p1 AND t.deleted_at IS NULL)";

constexpr auto select_user = R"(
SELECT u.id, u.tenant_id, coalesce(t.partner_id, ''), t.name, u.email, coalesce(u.first_name, ''),
       coalesce(u.last_name, ''), u.display_name, coalesce(u.admin_role, ''), coalesce(u.password_hash, ''),
       u.status = 'ACTIVE' AND t.status = 'ACTIVE'
           AND (p.id IS NULL OR (p.status = 'ACTIVE' AND p.deleted_at IS NULL)),
       coalesce(u.custom_attributes -> 'permissions', 'null'::jsonb)::text
  FROM scaikey.users u
  JOIN scaikey.tenants t ON t.id = u.tenant_id AND t.deleted_at IS NULL
  LEFT JOIN scaikey.partners p ON p.id = t.partner_id
 WHERE u.id = :p1 AND u.deleted_at IS NULL)";

constexpr auto select_by_email = R"(
SELECT u.id, u.tenant_id, coalesce(t.partner_id, ''), t.name, u.email, coalesce(u.first_name, ''),
       coalesce(u.last_name, ''), u.display_name, coalesce(u.admin_role, ''), coalesce(u.password_hash, ''),
       u.status = 'ACTIVE' AND t.status = 'ACTIVE'
           AND (p.id IS NULL OR (p.status = 'ACTIVE' AND p.deleted_at IS NULL)),
       coalesce(u.custom_attributes -> 'permissions', 'null'::jsonb)::text
  FROM scaikey.users u
  JOIN scaikey.tenants t ON t.id = u.tenant_id AND t.deleted_at IS NULL
  LEFT JOIN scaikey.partners p ON p.id = t.partner_id
 WHERE lower(u.email) = lower(:p1) AND u.deleted_at IS NULL
 ORDER BY t.name, u.id
 LIMIT :p2::bigint)";

constexpr auto select_groups = R"(
WITH RECURSIVE above AS (
    SELECT m.group_id FROM scaikey.group_members m WHERE m.tenant_id = :p1 AND m.member_id = :p2
    UNION
    SELECT m.group_id FROM above a JOIN scaikey.group_members m ON m.tenant_id = :p1 AND m.member_id = a.group_id
)
SELECT g.id FROM above a JOIN scaikey.groups g ON g.id = a.group_id
 WHERE g.deleted_at IS NULL AND g.status = 'ACTIVE' AND g.tenant_id = :p1
 ORDER BY g.id)";

constexpr auto account_hash = R"(
SELECT encode(sha256(convert_to(lower(:p1::text), 'UTF8')), 'hex'))";

constexpr auto insert_attempt = R"(
INSERT INTO scaikey.sign_in_attempts (account_hash, failures, last_at)
VALUES (:p1, 0, to_timestamp(:p2::bigint))
    ON CONFLICT (account_hash) DO NOTHING)";

constexpr auto lock_attempt = R"(
SELECT a.failures::bigint, extract(epoch FROM a.last_at)::bigint
  FROM scaikey.sign_in_attempts a
 WHERE a.account_hash = :p1
   FOR UPDATE)";

constexpr auto count_attempt = R"(
UPDATE scaikey.sign_in_attempts a
   SET failures = :p2::integer, last_at = to_timestamp(:p3::bigint)
 WHERE a.account_hash = :p1)";

constexpr auto delete_attempts = R"(
DELETE FROM scaikey.sign_in_attempts a
 WHERE a.account_hash = encode(sha256(convert_to(lower(:p1::text), 'UTF8')), 'hex'))";

constexpr auto insert_choice_row = R"(
INSERT INTO scaikey.sign_in_choices (choice_hash, browser_hash, user_ids, expires_at)
VALUES (:p1, :p2, :p3::text[], to_timestamp(:p4::bigint)))";

constexpr auto delete_choice = R"(
DELETE FROM scaikey.sign_in_choices c
 WHERE c.choice_hash = :p1 AND c.browser_hash = :p2 AND c.expires_at > to_timestamp(:p3::bigint)
RETURNING to_jsonb(c.user_ids)::text)";

std::vector<std::string> texts_of(const scai::json::Value& list) {
    std::vector<std::string> out;
    list.each_item([&](const auto& item) {
        if (auto text = item.text())
            out.push_back(std::move(*text));
    });
    return out;
}

std::vector<std::string> texts_of(const std::string& json) {
    const auto list = scai::json::parse(json);
    return list ? texts_of(*list) : std::vector<std::string>();
}

using UserRow = std::tuple<std::string, std::string, std::string, std::string, std::string, std::string,
                           std::string, std::string, std::string, std::string, bool, std::string>;

User user_of(UserRow row) {
    User user;
    std::string permissions;
    std::tie(user.id, user.tenant_id, user.partner_id, user.tenant_name, user.email, user.first_name,
             user.last_name, user.display_name, user.role, user.password_hash, user.active, permissions) =
        std::move(row);
    user.permissions = texts_of(permissions);
    return user;
}

} // namespace

std::optional<Client> find_client(scai::db::Reader& db, std::string_view client_id) {
    auto row = db.maybe<std::string, std::string, std::string, std::string, std::string, std::string,
                        std::string, std::string, std::int64_t, std::string>(select_client, client_id);
    if (!row)
        return std::nullopt;
    Client client;
    client.client_id = client_id;
    std::string lists;
    std::tie(client.id, client.name, client.type, client.reach, client.tenant_id, client.partner_id,
             client.secret_hash, client.signing_algorithm, client.token_lifetime, lists) = std::move(*row);
    const auto arrays = scai::json::parse(lists);
    if (!arrays)
        throw std::logic_error("an application's lists cannot be read");
    client.redirect_uris = texts_of(arrays->at(0));
    client.post_logout_redirect_uris = texts_of(arrays->at(1));
    client.allowed_origins = texts_of(arrays->at(2));
    client.allowed_scopes = texts_of(arrays->at(3));
    return client;
}

std::optional<Tenant> find_tenant(scai::db::Reader& db, std::string_view slug) {
    auto row = db.maybe<std::string, std::string, std::string, std::string, bool>(select_tenant, slug);
    if (!row)
        return std::nullopt;
    Tenant tenant;
    std::tie(tenant.id, tenant.slug, tenant.name, tenant.partner_id, tenant.active) = std::move(*row);
    return tenant;
}

std::optional<User> find_user(scai::db::Reader& db, std::string_view id) {
    auto row =
        db.maybe<std::string, std::string, std::string, std::string, std::string, std::string, std::string,
                 std::string, std::string, std::string, bool, std::string>(select_user, id);
    if (!row)
        return std::nullopt;
    return user_of(std::move(*row));
}

std::vector<User> users_by_email(scai::db::Reader& db, std::string_view email, int limit) {
    std::vector<User> out;
    for (auto& row :
         db.all<std::string, std::string, std::string, std::string, std::string, std::string, std::string,
                std::string, std::string, std::string, bool, std::string>(select_by_email, email, limit))
        out.push_back(user_of(std::move(row)));
    return out;
}

std::vector<std::string> groups_of(scai::db::Reader& db, const User& user) {
    return db.all<std::string>(select_groups, user.tenant_id, user.id);
}

std::int64_t begin_attempt(scai::db::Tx& tx, std::string_view email, std::int64_t now) {
    const auto account = tx.one<std::string>(account_hash, email);
    tx.run(insert_attempt, account, now);
    auto [failures, last_at] = tx.one<std::int64_t, std::int64_t>(lock_attempt, account);
    if (now - last_at > attempt_window)
        failures = 0;
    const auto until = last_at + lockout_seconds(static_cast<int>(failures));
    if (until > now)
        return until - now;
    tx.run(count_attempt, account, failures + 1, now);
    return 0;
}

void forget_attempts(scai::db::Tx& tx, std::string_view email) {
    tx.run(delete_attempts, email);
}

void insert_choice(scai::db::Tx& tx, std::string_view choice_hash, std::string_view browser_hash,
                   const std::vector<std::string>& user_ids, std::int64_t expires_at) {
    tx.run(insert_choice_row, choice_hash, browser_hash, user_ids, expires_at);
}

std::vector<std::string> take_choice(scai::db::Tx& tx, std::string_view choice_hash,
                                     std::string_view browser_hash, std::int64_t now) {
    const auto ids = tx.maybe<std::string>(delete_choice, choice_hash, browser_hash, now);
    return ids ? texts_of(*ids) : std::vector<std::string>();
}

} // namespace scaikey::oauth
