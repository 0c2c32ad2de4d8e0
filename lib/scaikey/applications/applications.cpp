// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/applications/applications.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaikey/app/errors.hpp"
#include "lib/scaikey/directory/changes.hpp"
#include "lib/scaikey/directory/events.hpp"

#include <algorithm>

namespace scaikey::applications {

using scai::Done;
using scai::Result;
using scai::Status;
using scai::db::Pool;
using scai::db::Reader;
using scai::db::Tx;
using scai::json::Value;

namespace {

// :p1 is what the caller reaches: platform, partner or tenant; :p2 its id.
constexpr const char* list_sql = R"(
WITH hits AS MATERIALIZED (
    SELECT a.id
      FROM scaikey.applications a
      LEFT JOIN scaikey.tenants t ON t.id = a.tenant_id
     WHERE a.deleted_at IS NULL
       AND CASE :p1
           WHEN 'platform' THEN true
           WHEN 'partner' THEN a.scope = 'GLOBAL' OR a.partner_id = :p2 OR t.partner_id = :p2
           ELSE a.scope = 'GLOBAL' OR a.tenant_id = :p2
                OR a.partner_id = (SELECT own.partner_id FROM scaikey.tenants own WHERE own.id = :p2)
           END
       AND (:p3 = '' OR a.tenant_id = :p3)
       AND (:p4 = '' OR a.partner_id = :p4 OR t.partner_id = :p4)
       AND (:p5 = '' OR a.scope = :p5)
       AND (:p6 = '' OR a.application_type = :p6)
       AND (:p7 = '' OR strpos(lower(a.name), lower(:p7)) > 0 OR a.client_id = :p7))
SELECT (SELECT count(*) FROM hits),
       (SELECT coalesce(json_agg(scaikey.application_json(a) ORDER BY a.id)::text, '[]')
          FROM (SELECT h.id FROM hits h ORDER BY h.id OFFSET :p8::bigint LIMIT :p9::bigint) page
          JOIN scaikey.applications a ON a.id = page.id))";

constexpr const char* get_sql = R"(
SELECT a.scope, coalesce(a.tenant_id, ''), coalesce(a.partner_id, t.partner_id, ''), a.application_type,
       scaikey.application_json(a)::text
  FROM scaikey.applications a
  LEFT JOIN scaikey.tenants t ON t.id = a.tenant_id
 WHERE a.id = :p1 AND a.deleted_at IS NULL)";

constexpr const char* partner_of_tenant_sql = R"(
SELECT coalesce(t.partner_id, '')
  FROM scaikey.tenants t
 WHERE t.id = :p1 AND t.deleted_at IS NULL)";

constexpr const char* partner_live_sql = R"(
SELECT count(*)
  FROM scaikey.partners p
 WHERE p.id = :p1 AND p.deleted_at IS NULL)";

constexpr const char* room_sql = R"(
SELECT coalesce((SELECT p.max_applications_per_tenant FROM scaikey.partners p WHERE p.id = t.partner_id), 2147483647),
       (SELECT count(*) FROM scaikey.applications a WHERE a.tenant_id = t.id AND a.deleted_at IS NULL)
  FROM scaikey.tenants t
 WHERE t.id = :p1
   FOR NO KEY UPDATE OF t)";

constexpr const char* insert_sql = R"(
INSERT INTO scaikey.applications AS a (id, client_id, name, application_type, scope, partner_id, tenant_id,
                                       client_secret_hash, redirect_uris, post_logout_redirect_uris, allowed_origins,
                                       allowed_scopes, token_lifetime, assign_all_users, signing_algorithm)
SELECT :p1, :p2, r.name, r.application_type, r.scope, r.partner_id, r.tenant_id, :p3,
       coalesce(r.redirect_uris, '{}'), coalesce(r.post_logout_redirect_uris, '{}'), coalesce(r.allowed_origins, '{}'),
       coalesce(r.allowed_scopes, '{openid,profile,email}'), coalesce(r.token_lifetime, 3600),
       coalesce(r.assign_all_users, false), r.signing_algorithm
  FROM jsonb_populate_record(NULL::scaikey.applications, :p4::jsonb) r
RETURNING scaikey.application_json(a)::text)";

constexpr const char* update_sql = R"(
UPDATE scaikey.applications a
   SET (name, redirect_uris, post_logout_redirect_uris, allowed_origins, allowed_scopes, token_lifetime,
        assign_all_users, signing_algorithm, updated_at) =
       (SELECT r.name, r.redirect_uris, r.post_logout_redirect_uris, r.allowed_origins, r.allowed_scopes,
               r.token_lifetime, r.assign_all_users, r.signing_algorithm, clock_timestamp()
          FROM jsonb_populate_record(a, :p2::jsonb) r)
 WHERE a.id = :p1 AND a.deleted_at IS NULL
RETURNING scaikey.application_json(a)::text)";

constexpr const char* secret_sql = R"(
UPDATE scaikey.applications a
   SET client_secret_hash = :p2, updated_at = clock_timestamp()
 WHERE a.id = :p1 AND a.deleted_at IS NULL
RETURNING scaikey.application_json(a)::text)";

constexpr const char* delete_sql = R"(
UPDATE scaikey.applications a
   SET deleted_at = clock_timestamp(), updated_at = clock_timestamp()
 WHERE a.id = :p1 AND a.deleted_at IS NULL)";

constexpr const char* delete_assignments_sql = R"(
DELETE FROM scaikey.app_assignments m
 WHERE m.application_id = :p1)";

struct Application {
    std::string scope, tenant_id, partner_id, type, object;
};

std::optional<Application> find(Reader& reader, const std::string& id) {
    auto row = reader.maybe<std::string, std::string, std::string, std::string, std::string>(get_sql, id);
    if (!row)
        return std::nullopt;
    auto& [scope, tenant, partner, type, object] = *row;
    return Application{std::move(scope), std::move(tenant), std::move(partner), std::move(type),
                       std::move(object)};
}

bool visible(Reader& reader, const Reach& reach, const Application& application) {
    if (reach.kind == Reach::Kind::none)
        return false;
    if (application.scope == "GLOBAL" || covers(reach, application.tenant_id, application.partner_id))
        return true;
    return application.scope == "PARTNER" && reach.kind == Reach::Kind::tenant &&
           reader.maybe<std::string>(partner_of_tenant_sql, reach.id) == application.partner_id;
}

/// Contract 3: GLOBAL by super_admin, PARTNER also by that partner_admin, TENANT also by its tenant_admin.
Status may_write(const Reach& reach, const Application& application) {
    const bool allowed =
        application.scope == "TENANT"
            ? covers(reach, application.tenant_id, application.partner_id)
            : covers(reach, "", application.scope == "PARTNER" ? application.partner_id : "");
    if (!allowed)
        return forbidden("Applications of scope " + application.scope + " are beyond your role");
    return Done{};
}

/// Visible (else 404) and writable (else 403).
Result<Application> find_to_change(Tx& tx, const Caller& by, const std::string& id) {
    auto application = find(tx, id);
    if (!application || !visible(tx, by.reach, *application))
        return not_found("Application");
    SCAI_TRY([[maybe_unused]] auto allowed, may_write(by.reach, *application));
    return std::move(*application);
}

/// RFC 6749 3.1.2: absolute, no fragment. Exact match later, so no wildcard may hide in it.
bool valid_redirect(std::string_view uri) {
    const auto colon = uri.find(':');
    if (colon == std::string_view::npos || colon == 0 || uri.find('#') != std::string_view::npos ||
        uri.find('*') != std::string_view::npos)
        return false;
    const auto scheme_char = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    };
    const auto printable = [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; };
    const auto scheme = uri.substr(0, colon);
    if (!std::all_of(scheme.begin(), scheme.end(), scheme_char) ||
        !std::all_of(uri.begin(), uri.end(), printable))
        return false;
    if (scheme == "javascript" || scheme == "data" || scheme == "vbscript")
        return false;
    const bool web = scheme == "http" || scheme == "https";
    return !web || (uri.size() > colon + 3 && uri.substr(colon, 3) == "://" && uri[colon + 3] != '/');
}

bool valid_origin(std::string_view origin) {
    return (origin.starts_with("http://") || origin.starts_with("https://")) && valid_redirect(origin) &&
           origin.find_first_of("/?", origin.find("://") + 3) == std::string_view::npos;
}

bool valid_scope_word(std::string_view word) { // RFC 6749 3.3 scope-token
    return !word.empty() && std::all_of(word.begin(), word.end(),
                                        [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

void check_each(Changes& changes, const Value& accepted, const char* key, bool (*valid)(std::string_view),
                const std::string& reason) {
    accepted.get(key).each_item([&](const Value& item) {
        if (const auto text = item.text(); text && !valid(*text))
            changes.reject(key, reason);
    });
}

void common_fields(Changes& changes, const Value& body) {
    changes.text("name", {.max = 200});
    for (const char* key : {"redirect_uris", "post_logout_redirect_uris", "allowed_origins"})
        changes.texts(key, {.max = 2000}, 100);
    changes.texts("allowed_scopes", {.max = 200}, 200);
    changes.integer("token_lifetime", {.min = 60, .max = 86400});
    changes.boolean("assign_all_users");
    changes.text("signing_algorithm", {.max = 5, .one_of = {"RS256", "ES256"}}, Null::empties);
    for (const char* key : {"redirect_uris", "post_logout_redirect_uris"})
        check_each(changes, body, key, valid_redirect,
                   "must hold absolute URIs without fragment or wildcard");
    check_each(changes, body, "allowed_origins", valid_origin,
               "must hold origins such as https://app.example");
    check_each(changes, body, "allowed_scopes", valid_scope_word, "must hold single scope words");
}

std::string with_secret(const std::string& object, const std::string& secret) {
    auto parsed = scai::json::parse(object);
    if (!parsed)
        throw std::logic_error("the database returned no JSON object");
    return parsed->set("client_secret", secret).dump();
}

bool confidential(std::string_view type) {
    return type == "WEB" || type == "SERVICE";
}

Status owner_exists(Tx& tx, const Application& application) {
    if (application.scope == "PARTNER" && tx.one<std::int64_t>(partner_live_sql, application.partner_id) == 0)
        return bad_field("body.partner_id", "there is no such partner");
    if (application.scope != "TENANT")
        return Done{};
    const auto room = tx.maybe<std::int64_t, std::int64_t>(room_sql, application.tenant_id);
    if (room && std::get<1>(*room) >= std::get<0>(*room))
        return conflict("The partner allows at most " + std::to_string(std::get<0>(*room)) +
                        " applications per tenant");
    return Done{};
}

/// scope with the id it needs and no other; a tenant admin's TENANT application defaults to the own tenant.
void owner_fields(Changes& changes, const Caller& by) {
    changes.require("name");
    changes.require("application_type");
    changes.require("scope");
    changes.text("application_type", {.max = 20, .one_of = {"WEB", "SERVICE", "SPA", "NATIVE"}});
    changes.text("scope", {.max = 20, .one_of = {"GLOBAL", "PARTNER", "TENANT"}});
    changes.text("tenant_id", {.max = 64}, Null::empties);
    changes.text("partner_id", {.max = 64}, Null::empties);
    const std::string scope = changes.member("scope");
    if (scope == "TENANT" && by.reach.kind == Reach::Kind::tenant && changes.member("tenant_id").empty())
        changes.set("tenant_id", by.reach.id);
    if (scope == "PARTNER" && by.reach.kind == Reach::Kind::partner && changes.member("partner_id").empty())
        changes.set("partner_id", by.reach.id);
    if ((scope == "TENANT") != !changes.member("tenant_id").empty())
        changes.reject("tenant_id",
                       scope == "TENANT" ? "is required with scope TENANT" : "goes with scope TENANT only");
    if ((scope == "PARTNER") != !changes.member("partner_id").empty())
        changes.reject("partner_id", scope == "PARTNER" ? "is required with scope PARTNER"
                                                        : "goes with scope PARTNER only");
}

} // namespace

std::string secret_hash(std::string_view secret) {
    return scai::crypto::to_hex(scai::crypto::sha256(secret));
}

Result<ListPage> list(Pool& pool, const Caller& by, const Filter& filter, const Paging& paging) {
    if (by.reach.kind == Reach::Kind::none)
        return forbidden("This token reaches no tenant");
    const char* reach = by.reach.platform()                     ? "platform"
                        : by.reach.kind == Reach::Kind::partner ? "partner"
                                                                : "tenant";
    auto [total, rows] =
        pool.read(scope_of(by.reach))
            .one<std::int64_t, std::string>(list_sql, reach, by.reach.id, filter.tenant_id.value_or(""),
                                            filter.partner_id.value_or(""), filter.scope, filter.type,
                                            filter.search, paging.offset(), paging.per_page);
    return ListPage{total, std::move(rows)};
}

Result<std::string> get(Pool& pool, const Caller& by, const std::string& id) {
    auto reader = pool.read(scope_of(by.reach));
    auto application = find(reader, id);
    if (!application || !visible(reader, by.reach, *application))
        return not_found("Application");
    return std::move(application->object);
}

Result<std::string> create(Pool& pool, const Caller& by, const Value& body) {
    Changes changes(body);
    owner_fields(changes, by);
    common_fields(changes, body);
    SCAI_TRY(const auto accepted, changes.take());
    Application wanted{changes.member("scope"), changes.member("tenant_id"), changes.member("partner_id"),
                       changes.member("application_type"), ""};
    const std::string id = "app_" + scai::crypto::random_id(20);
    const std::string client_id = scai::crypto::random_id(32);
    const std::string secret = confidential(wanted.type) ? scai::crypto::random_id(48) : "";
    return scai::db::in_tx(pool, scope_of(by.reach), [&](Tx& tx) -> Result<std::string> {
        Application owned = wanted;
        if (owned.scope == "TENANT") {
            const auto partner = tx.maybe<std::string>(partner_of_tenant_sql, owned.tenant_id);
            if (!partner || !covers(by.reach, owned.tenant_id, *partner))
                return bad_field("body.tenant_id", "there is no such tenant within your reach");
            owned.partner_id = *partner;
        }
        SCAI_TRY([[maybe_unused]] auto allowed, may_write(by.reach, owned));
        SCAI_TRY([[maybe_unused]] auto exists, owner_exists(tx, owned));
        const std::optional<std::string> hash =
            secret.empty() ? std::nullopt : std::optional(secret_hash(secret));
        auto object = tx.one<std::string>(insert_sql, id, client_id, hash, accepted.dump());
        emit_application(tx, by, "application.created", id);
        return secret.empty() ? object : with_secret(object, secret);
    });
}

Result<std::string> update(Pool& pool, const Caller& by, const std::string& id, const Value& body) {
    Changes changes(body);
    common_fields(changes, body);
    for (const char* key : {"scope", "application_type", "tenant_id", "partner_id", "client_id"})
        changes.refuse(key, "cannot be changed: register another application");
    changes.refuse("client_secret", "is changed by POST .../rotate-secret");
    SCAI_TRY(const auto accepted, changes.take());
    return scai::db::in_tx(pool, scope_of(by.reach), [&](Tx& tx) -> Result<std::string> {
        SCAI_TRY([[maybe_unused]] auto application, find_to_change(tx, by, id));
        auto object = tx.maybe<std::string>(update_sql, id, accepted.dump());
        if (!object)
            return not_found("Application");
        emit_application(tx, by, "application.updated", id);
        return std::move(*object);
    });
}

Status remove(Pool& pool, const Caller& by, const std::string& id) {
    return scai::db::in_tx(pool, scope_of(by.reach), [&](Tx& tx) -> Status {
        SCAI_TRY([[maybe_unused]] auto application, find_to_change(tx, by, id));
        if (tx.run(delete_sql, id) == 0)
            return not_found("Application");
        tx.run(delete_assignments_sql, id); // application.deleted stands for them
        emit_application(tx, by, "application.deleted", id);
        return Done{};
    });
}

Result<std::string> rotate_secret(Pool& pool, const Caller& by, const std::string& id) {
    const std::string secret = scai::crypto::random_id(48);
    return scai::db::in_tx(pool, scope_of(by.reach), [&](Tx& tx) -> Result<std::string> {
        SCAI_TRY(const auto application, find_to_change(tx, by, id));
        if (!confidential(application.type))
            return conflict("Applications of type " + application.type + " are public and have no secret");
        auto object = tx.maybe<std::string>(secret_sql, id, secret_hash(secret));
        if (!object)
            return not_found("Application");
        emit_application(tx, by, "application.updated", id);
        return with_secret(*object, secret);
    });
}

} // namespace scaikey::applications
