// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaigrid/app/answers.hpp"
#include "lib/scaigrid/keys/keys.hpp"

namespace scaigrid::keys {

using scai::db::Scope;
using scai::json::Value;

namespace {

constexpr std::string_view prefix = "sgk_";

// The role of the newest token goes with the caller's own row; a row made for somebody else has none yet.
constexpr auto insert_user = R"(
    INSERT INTO scaigrid.users AS u (tenant_id, id, email, name, token_role)
    VALUES (:p1, :p2, :p3, :p4, :p5)
    ON CONFLICT (tenant_id, id) DO UPDATE
       SET email = coalesce(nullif(excluded.email, ''), u.email), name = coalesce(nullif(excluded.name, ''), u.name),
           token_role = coalesce(nullif(excluded.token_role, ''), u.token_role), updated_at = clock_timestamp()
)";

constexpr auto insert_key = R"(
    INSERT INTO scaigrid.api_keys (tenant_id, id, user_id, name, key_hash, hint, created_by, expires_at)
    VALUES (:p1, :p2, :p3, :p4, :p5, :p6, :p7, 'epoch'::timestamptz + :p8::bigint * interval '1 microsecond')
    RETURNING (extract(epoch FROM created_at) * 1000000)::bigint
)";

constexpr auto keys_of_user = R"(
    SELECT id, name, hint, (extract(epoch FROM expires_at) * 1000000)::bigint,
           (extract(epoch FROM created_at) * 1000000)::bigint
      FROM scaigrid.api_keys
     WHERE tenant_id = :p1 AND user_id = :p2 AND revoked_at IS NULL
     ORDER BY created_at, id
)";

constexpr auto key_owner = R"(
    SELECT user_id FROM scaigrid.api_keys WHERE tenant_id = :p1 AND id = :p2
)";

constexpr auto revoke_key = R"(
    UPDATE scaigrid.api_keys SET revoked_at = clock_timestamp()
     WHERE tenant_id = :p1 AND id = :p2 AND revoked_at IS NULL
)";

Value time_of(std::optional<std::int64_t> microseconds) {
    return microseconds ? Value(scai::to_iso8601(scai::UtcTime(std::chrono::microseconds(*microseconds))))
                        : Value(nullptr);
}

struct Row {
    std::string id, name, hint, user_id;
    std::optional<std::int64_t> expires_at;
    std::int64_t created_at = 0;
};

Value view(const Row& row) {
    return Value::object({{"id", row.id},
                          {"name", row.name},
                          {"prefix", prefix},
                          {"hint", row.hint},
                          {"scopes", Value::array()},
                          {"user_id", row.user_id},
                          {"expires_at", time_of(row.expires_at)},
                          {"created_at", time_of(row.created_at)}});
}

} // namespace

scai::Result<NewKey> decode(const Value& body, scai::UtcTime now) {
    scai::json::Fields fields(body, "body");
    NewKey out;
    out.name = fields.text("name", {.max = 200});
    out.assigned_user_id = fields.optional_text("assigned_user_id", {.max = 200});
    if (const auto text = fields.optional_text("expires_at", {.max = 64})) {
        out.expires_at = scai::parse_iso8601(*text);
        if (!out.expires_at)
            fields.reject("expires_at", "must be a time like 2027-01-31T12:00:00Z");
        else if (*out.expires_at <= now)
            fields.reject("expires_at", "must be in the future");
    }
    if (auto error = fields.error())
        return *error;
    return out;
}

Value create(scai::db::Pool& pool, const scai::web::Principal& caller, const NewKey& wanted) {
    const std::string key = std::string(prefix) + scai::crypto::random_id(40);
    Row row{.id = "key_" + scai::crypto::random_id(16),
            .name = wanted.name,
            .hint = key.substr(key.size() - 4),
            .user_id = wanted.assigned_user_id.value_or(caller.subject),
            .expires_at = {}};
    if (wanted.expires_at)
        row.expires_at = wanted.expires_at->time_since_epoch().count();
    const bool own = row.user_id == caller.subject;
    row.created_at = scai::db::in_tx(pool, Scope::tenant(caller.tenant_id), [&](scai::db::Tx& tx) {
        tx.run(insert_user, caller.tenant_id, row.user_id, own ? caller.email : std::string(),
               own ? caller.name : std::string(), own ? caller.admin_role : std::string());
        return tx.one<std::int64_t>(insert_key, caller.tenant_id, row.id, row.user_id, row.name,
                                    scai::crypto::to_hex(scai::crypto::sha256(key)), row.hint, caller.subject,
                                    row.expires_at);
    });
    return view(row).set("key", key);
}

Value list(scai::db::Pool& pool, std::string_view tenant_id, std::string_view user_id) {
    auto out = Value::array();
    for (const auto& [id, name, hint, expires_at, created_at] :
         pool.read(Scope::tenant(tenant_id))
             .all<std::string, std::string, std::string, std::optional<std::int64_t>, std::int64_t>(
                 keys_of_user, tenant_id, user_id))
        out.push(view({.id = id,
                       .name = name,
                       .hint = hint,
                       .user_id = std::string(user_id),
                       .expires_at = expires_at,
                       .created_at = created_at}));
    return out;
}

std::optional<std::string> owner_of(scai::db::Pool& pool, std::string_view tenant_id, std::string_view id) {
    return pool.read(Scope::tenant(tenant_id)).maybe<std::string>(key_owner, tenant_id, id);
}

void revoke(scai::db::Pool& pool, std::string_view tenant_id, std::string_view id) {
    scai::db::in_tx(pool, Scope::tenant(tenant_id),
                    [&](scai::db::Tx& tx) { tx.run(revoke_key, tenant_id, id); });
}

} // namespace scaigrid::keys
