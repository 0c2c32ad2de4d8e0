// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/trust/store.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/json/value.hpp"

#include <stdexcept>

namespace scaivault::trust::store {

using scai::db::Scope;
using scai::json::Value;

namespace {

constexpr auto insert_trust = R"(
    INSERT INTO scaivault.token_trusts (tenant_id, id, name, issuer, jwks_url, audience, claims, identity, scopes,
                                        allowed_paths, max_ttl, is_active, created_at, created_by)
    VALUES (:p1, :p2, :p3, :p4, :p5, :p6, :p7::jsonb, :p8, :p9::text[], :p10::text[], :p11::integer, :p12::boolean,
            'epoch'::timestamptz + :p13::bigint * interval '1 microsecond', :p14)
    ON CONFLICT (tenant_id, name) DO NOTHING
)";

constexpr auto list_trusts = R"(
    SELECT tenant_id, id, name, issuer, jwks_url, audience, claims::text, identity, array_to_json(scopes)::text,
           array_to_json(allowed_paths)::text, max_ttl, is_active,
           (extract(epoch FROM created_at) * 1000000)::bigint, created_by
      FROM scaivault.token_trusts WHERE tenant_id = :p1 ORDER BY name
)";

constexpr auto trusts_of_issuer = R"(
    SELECT r.tenant_id, r.id, r.name, r.issuer, r.jwks_url, r.audience, r.claims::text, r.identity,
           array_to_json(r.scopes)::text, array_to_json(r.allowed_paths)::text, r.max_ttl, r.is_active,
           (extract(epoch FROM r.created_at) * 1000000)::bigint, r.created_by
      FROM scaivault.token_trusts r
      JOIN scaivault.tenants t ON t.id = r.tenant_id AND t.deleted_at IS NULL AND upper(t.status) = 'ACTIVE'
     WHERE r.issuer = :p1 AND r.is_active ORDER BY r.tenant_id, r.id
)";

constexpr auto delete_trust = R"(
    DELETE FROM scaivault.token_trusts WHERE tenant_id = :p1 AND id = :p2
)";

constexpr auto trust_is_active = R"(
    SELECT EXISTS (SELECT FROM scaivault.token_trusts WHERE tenant_id = :p1 AND id = :p2 AND is_active)
)";

constexpr auto select_public_keys = R"(
    SELECT id, public_jwk FROM scaivault.token_keys WHERE created_at > now() - interval '40 days' ORDER BY created_at DESC
)";

constexpr auto select_signing_key = R"(
    SELECT id, key_id, encode(wrapped_key, 'hex'), encode(ciphertext, 'hex') FROM scaivault.token_keys
     WHERE created_at > now() - interval '30 days' ORDER BY created_at DESC LIMIT 1
)";

constexpr auto insert_signing_key = R"(
    INSERT INTO scaivault.token_keys (id, public_jwk, key_id, wrapped_key, ciphertext)
    VALUES (:p1, :p2, :p3, decode(:p4, 'hex'), decode(:p5, 'hex'))
)";

std::vector<std::string> texts(const Value& list) {
    std::vector<std::string> out;
    list.each_item([&](const Value& item) { out.push_back(item.text_or("")); });
    return out;
}

Value parsed(const std::string& text) {
    auto value = scai::json::parse(text);
    if (!value)
        throw std::runtime_error("a stored document cannot be read");
    return std::move(value).value();
}

std::vector<Trust> rows(scai::db::Reader& reader, const char* sql, std::string_view argument) {
    using Text = std::string;
    std::vector<Trust> out;
    for (auto& [tenant, id, name, issuer, jwks, audience, claims, identity, scopes, paths, ttl, active,
                created, by] : reader.all<Text, Text, Text, Text, Text, Text, Text, Text, Text, Text,
                                          std::int64_t, bool, std::int64_t, Text>(sql, argument)) {
        Trust trust{.tenant_id = tenant,
                    .id = id,
                    .name = name,
                    .issuer = issuer,
                    .jwks_url = jwks,
                    .audience = audience,
                    .claims = {},
                    .identity = identity,
                    .scopes = texts(parsed(scopes)),
                    .allowed_paths = texts(parsed(paths)),
                    .max_ttl = std::chrono::seconds(ttl),
                    .is_active = active,
                    .created_at = scai::UtcTime(std::chrono::microseconds(created)),
                    .created_by = by};
        parsed(claims).each_member([&](std::string_view claim, const Value& globs) {
            trust.claims[std::string(claim)] = texts(globs);
        });
        out.push_back(std::move(trust));
    }
    return out;
}

std::string bytes(const std::string& hex) {
    auto out = scai::crypto::from_hex(hex);
    if (!out)
        throw std::runtime_error("PostgreSQL wrote hexadecimal digits that cannot be read");
    return std::move(*out);
}

} // namespace

bool insert(scai::db::Tx& tx, const Trust& trust) {
    auto claims = Value::object();
    for (const auto& [name, globs] : trust.claims)
        claims.set(name, Value::array_of(globs));
    return tx.run(insert_trust, trust.tenant_id, trust.id, trust.name, trust.issuer, trust.jwks_url,
                  trust.audience, claims.dump(), trust.identity, trust.scopes, trust.allowed_paths,
                  std::int64_t{trust.max_ttl.count()}, trust.is_active,
                  std::int64_t{trust.created_at.time_since_epoch().count()}, trust.created_by) == 1;
}

std::vector<Trust> list(scai::db::Pool& pool, std::string_view tenant) {
    auto reader = pool.read(Scope::tenant(tenant));
    return rows(reader, list_trusts, tenant);
}

bool remove(scai::db::Tx& tx, std::string_view tenant, std::string_view id) {
    return tx.run(delete_trust, tenant, id) == 1;
}

std::vector<Trust> of_issuer(scai::db::Pool& pool, std::string_view issuer) {
    auto reader = pool.read(Scope::all_tenants());
    return rows(reader, trusts_of_issuer, issuer);
}

bool is_active(scai::db::Pool& pool, std::string_view tenant, std::string_view id) {
    return pool.read(Scope::tenant(tenant)).one<bool>(trust_is_active, tenant, id);
}

std::vector<PublicKey> public_keys(scai::db::Pool& pool) {
    std::vector<PublicKey> out;
    for (auto& [id, jwk] : pool.read(Scope::none()).all<std::string, std::string>(select_public_keys))
        out.push_back({std::move(id), std::move(jwk)});
    return out;
}

std::optional<SigningKey> signing_key(scai::db::Pool& pool) {
    auto row = pool.read(Scope::none())
                   .maybe<std::string, std::string, std::string, std::string>(select_signing_key);
    if (!row)
        return std::nullopt;
    auto& [id, key, wrapped, ciphertext] = *row;
    return SigningKey{
        .id = std::move(id),
        .sealed = {.key_id = std::move(key), .wrapped_key = bytes(wrapped), .ciphertext = bytes(ciphertext)}};
}

void insert_key(scai::db::Tx& tx, const SigningKey& key, std::string_view public_jwk) {
    tx.run(insert_signing_key, key.id, public_jwk, key.sealed.key_id,
           scai::crypto::to_hex(key.sealed.wrapped_key), scai::crypto::to_hex(key.sealed.ciphertext));
}

} // namespace scaivault::trust::store
