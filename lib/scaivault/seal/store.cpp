// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/seal/store.hpp"
#include "lib/crypto/crypto.hpp"

#include <stdexcept>
#include <tuple>

namespace scaivault::seal::store {

namespace {

constexpr auto find_key = R"(
SELECT id, kind, owner_id, coalesce(parent_id, ''), coalesce(provider, ''), coalesce(reference, ''),
       coalesce(encode(wrapped, 'hex'), ''), state
  FROM scaivault.keys
 WHERE id = :p1)";

constexpr auto find_active_key = R"(
SELECT id, kind, owner_id, coalesce(parent_id, ''), coalesce(provider, ''), coalesce(reference, ''),
       coalesce(encode(wrapped, 'hex'), ''), state
  FROM scaivault.keys
 WHERE kind = :p1 AND owner_id = :p2 AND state = 'active')";

constexpr auto insert_first_key = R"(
INSERT INTO scaivault.keys (id, kind, owner_id, generation, parent_id, provider, reference, wrapped, state)
VALUES (:p1, :p2, :p3, 1, nullif(:p4, ''), nullif(:p5, ''), nullif(:p6, ''), decode(nullif(:p7, ''), 'hex'), 'active')
ON CONFLICT DO NOTHING)";

constexpr auto summarize = R"(
SELECT EXISTS (SELECT 1 FROM scaivault.keys WHERE state = 'retired'),
       (extract(epoch FROM a.created_at) * 1000000)::bigint, coalesce(a.provider, '')
  FROM (SELECT 1) one
  LEFT JOIN scaivault.keys a ON a.kind = 'root' AND a.state = 'active')";

using Columns = std::tuple<std::string, std::string, std::string, std::string, std::string, std::string,
                           std::string, std::string>;

std::optional<KeyRow> decode(std::optional<Columns> row) {
    if (!row)
        return std::nullopt;
    auto& [id, kind, owner, parent, provider, reference, wrapped, state] = *row;
    auto bytes = scai::crypto::from_hex(wrapped);
    if (!bytes)
        throw std::runtime_error("PostgreSQL wrote hexadecimal digits that cannot be read");
    return KeyRow{std::move(id),       std::move(kind),      std::move(owner),  std::move(parent),
                  std::move(provider), std::move(reference), std::move(*bytes), std::move(state)};
}

} // namespace

std::optional<KeyRow> find(scai::db::Executor& db, std::string_view id) {
    return decode(db.maybe<std::string, std::string, std::string, std::string, std::string, std::string,
                           std::string, std::string>(find_key, id));
}

std::optional<KeyRow> find_active(scai::db::Executor& db, std::string_view kind, std::string_view owner_id) {
    return decode(db.maybe<std::string, std::string, std::string, std::string, std::string, std::string,
                           std::string, std::string>(find_active_key, kind, owner_id));
}

bool insert_first(scai::db::Tx& tx, const KeyRow& key) {
    return tx.run(insert_first_key, key.id, key.kind, key.owner_id, key.parent_id, key.provider,
                  key.reference, scai::crypto::to_hex(key.wrapped)) == 1;
}

Summary summary(scai::db::Executor& db) {
    auto [rotating, since, provider] = db.one<bool, std::optional<std::int64_t>, std::string>(summarize);
    return {rotating, since, std::move(provider)};
}

} // namespace scaivault::seal::store
