// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/seal/holders.hpp"
#include "lib/crypto/crypto.hpp"

#include <array>
#include <stdexcept>

namespace scaivault::seal {

namespace {

constexpr auto version_batch = R"(
SELECT secret_id, version, encode(wrapped_key, 'hex')
  FROM scaivault.secret_versions
 WHERE key_id = :p1 AND (secret_id, version) > (:p2, :p3::bigint)
 ORDER BY secret_id, version
 LIMIT 200
   FOR UPDATE SKIP LOCKED)";

constexpr auto version_update = R"(
UPDATE scaivault.secret_versions v
   SET key_id = :p1, wrapped_key = decode(u.wrapped, 'hex')
  FROM unnest(:p2::text[], :p3::bigint[], :p4::text[]) AS u(id, version, wrapped)
 WHERE v.tenant_id = :p5 AND v.secret_id = u.id AND v.version = u.version AND v.key_id = :p6)";

constexpr auto version_count = "SELECT count(*) FROM scaivault.secret_versions WHERE key_id = :p1";

constexpr auto webhook_batch = R"(
SELECT id, 0, encode(secret_wrapped_key, 'hex')
  FROM scaivault.webhooks
 WHERE secret_key_id = :p1 AND (id, 0::bigint) > (:p2, :p3::bigint)
 ORDER BY id
 LIMIT 200
   FOR UPDATE SKIP LOCKED)";

constexpr auto webhook_update = R"(
UPDATE scaivault.webhooks w
   SET secret_key_id = :p1, secret_wrapped_key = decode(u.wrapped, 'hex')
  FROM unnest(:p2::text[], :p3::bigint[], :p4::text[]) AS u(id, version, wrapped)
 WHERE w.tenant_id = :p5 AND w.id = u.id AND w.secret_key_id = :p6)";

constexpr auto webhook_count = "SELECT count(*) FROM scaivault.webhooks WHERE secret_key_id = :p1";

constexpr auto previous_batch = R"(
SELECT id, 0, encode(previous_wrapped_key, 'hex')
  FROM scaivault.webhooks
 WHERE previous_key_id = :p1 AND (id, 0::bigint) > (:p2, :p3::bigint)
 ORDER BY id
 LIMIT 200
   FOR UPDATE SKIP LOCKED)";

constexpr auto previous_update = R"(
UPDATE scaivault.webhooks w
   SET previous_key_id = :p1, previous_wrapped_key = decode(u.wrapped, 'hex')
  FROM unnest(:p2::text[], :p3::bigint[], :p4::text[]) AS u(id, version, wrapped)
 WHERE w.tenant_id = :p5 AND w.id = u.id AND w.previous_key_id = :p6)";

constexpr auto previous_count = "SELECT count(*) FROM scaivault.webhooks WHERE previous_key_id = :p1";

constexpr auto token_batch = R"(
SELECT id, 0, encode(wrapped_key, 'hex')
  FROM scaivault.token_keys
 WHERE key_id = :p1 AND (id, 0::bigint) > (:p2, :p3::bigint)
 ORDER BY id
 LIMIT 200
   FOR UPDATE SKIP LOCKED)";

constexpr auto token_update = R"(
UPDATE scaivault.token_keys k
   SET key_id = :p1, wrapped_key = decode(u.wrapped, 'hex')
  FROM unnest(:p2::text[], :p3::bigint[], :p4::text[]) AS u(id, version, wrapped)
 WHERE k.tenant_id = :p5 AND k.id = u.id AND k.key_id = :p6)";

constexpr auto token_count = "SELECT count(*) FROM scaivault.token_keys WHERE key_id = :p1";

constexpr std::array all{
    Holder{"secret_versions", "key_id", "wrapped_key", version_batch, version_update, version_count},
    Holder{"webhooks", "secret_key_id", "secret_wrapped_key", webhook_batch, webhook_update, webhook_count},
    Holder{"webhooks", "previous_key_id", "previous_wrapped_key", previous_batch, previous_update,
           previous_count},
    Holder{"token_keys", "key_id", "wrapped_key", token_batch, token_update, token_count},
};

} // namespace

std::span<const Holder> holders() {
    return all;
}

namespace store {

std::vector<HeldKey> lock_batch(scai::db::Tx& tx, const Holder& holder, std::string_view key_id,
                                std::string_view after_id, std::int64_t after_version) {
    std::vector<HeldKey> out;
    for (auto& [id, version, wrapped] :
         tx.all<std::string, std::int64_t, std::string>(holder.batch, key_id, after_id, after_version)) {
        auto bytes = scai::crypto::from_hex(wrapped);
        if (!bytes)
            throw std::runtime_error("PostgreSQL wrote hexadecimal digits that cannot be read");
        out.push_back({std::move(id), version, std::move(*bytes)});
    }
    return out;
}

std::int64_t rewrite(scai::db::Tx& tx, const Holder& holder, std::string_view tenant_id,
                     std::string_view old_key, std::string_view new_key, const std::vector<HeldKey>& rows) {
    std::vector<std::string> ids, wrapped;
    std::vector<std::int64_t> versions;
    for (const HeldKey& row : rows) {
        ids.push_back(row.id);
        versions.push_back(row.version);
        wrapped.push_back(scai::crypto::to_hex(row.wrapped));
    }
    return tx.run(holder.update, new_key, ids, versions, wrapped, tenant_id, old_key);
}

std::int64_t count_held(scai::db::Executor& db, std::string_view key_id) {
    std::int64_t out = 0;
    for (const Holder& holder : all)
        out += db.one<std::int64_t>(holder.count, key_id);
    return out;
}

} // namespace store

} // namespace scaivault::seal
