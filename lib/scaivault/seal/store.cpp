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

constexpr auto retire_active = R"(
UPDATE scaivault.keys
   SET state = 'retired', retired_at = clock_timestamp()
 WHERE id = :p1 AND state = 'active')";

constexpr auto insert_next = R"(
INSERT INTO scaivault.keys (id, kind, owner_id, generation, parent_id, provider, reference, wrapped, state)
SELECT :p1, :p2, :p3, 1 + max(generation), nullif(:p4, ''), nullif(:p5, ''), nullif(:p6, ''),
       decode(nullif(:p7, ''), 'hex'), 'active'
  FROM scaivault.keys
 WHERE kind = :p2 AND owner_id = :p3)";

constexpr auto find_retired = R"(
SELECT id, kind, owner_id, coalesce(parent_id, ''), coalesce(provider, ''), coalesce(reference, ''),
       coalesce(encode(wrapped, 'hex'), ''), state
  FROM scaivault.keys
 WHERE state = 'retired'
 ORDER BY id)";

constexpr auto find_children = R"(
SELECT id, kind, owner_id, coalesce(parent_id, ''), coalesce(provider, ''), coalesce(reference, ''),
       coalesce(encode(wrapped, 'hex'), ''), state
  FROM scaivault.keys
 WHERE parent_id = :p1 AND id > :p2
 ORDER BY id
 LIMIT 200)";

constexpr auto count_below = "SELECT count(*) FROM scaivault.keys WHERE parent_id = :p1";

constexpr auto set_parent = R"(
UPDATE scaivault.keys
   SET parent_id = :p1, wrapped = decode(:p2, 'hex')
 WHERE id = :p3 AND parent_id = :p4)";

constexpr auto lock_retired_key = R"(
SELECT 1
  FROM scaivault.keys
 WHERE id = :p1 AND state = 'retired' AND retired_at <= clock_timestamp() - make_interval(secs => :p2::bigint)
   FOR UPDATE)";

constexpr auto destroy_key = R"(
UPDATE scaivault.keys
   SET state = 'destroyed', destroyed_at = clock_timestamp(), wrapped = NULL, parent_id = NULL
 WHERE id = :p1)";

constexpr auto find_generation = "SELECT generation FROM scaivault.keys WHERE id = :p1";

constexpr auto count_states = R"(
SELECT k.kind, k.state, count(DISTINCT k.id), count(c.id)
  FROM scaivault.keys k
  LEFT JOIN scaivault.keys c ON c.parent_id = k.id
 GROUP BY k.kind, k.state
 ORDER BY k.kind, k.state)";

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

std::vector<KeyRow> decode_all(std::vector<Columns> rows) {
    std::vector<KeyRow> out;
    out.reserve(rows.size());
    for (Columns& row : rows)
        out.push_back(std::move(*decode(std::move(row))));
    return out;
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

bool replace_active(scai::db::Tx& tx, const KeyRow& fresh, std::string_view expected) {
    if (tx.run(retire_active, expected) != 1)
        return false;
    tx.run(insert_next, fresh.id, fresh.kind, fresh.owner_id, fresh.parent_id, fresh.provider,
           fresh.reference, scai::crypto::to_hex(fresh.wrapped));
    return true;
}

std::vector<KeyRow> retired(scai::db::Executor& db) {
    return decode_all(db.all<std::string, std::string, std::string, std::string, std::string, std::string,
                             std::string, std::string>(find_retired));
}

std::vector<KeyRow> children(scai::db::Executor& db, std::string_view parent_id, std::string_view after) {
    return decode_all(db.all<std::string, std::string, std::string, std::string, std::string, std::string,
                             std::string, std::string>(find_children, parent_id, after));
}

std::int64_t count_children(scai::db::Executor& db, std::string_view parent_id) {
    return db.one<std::int64_t>(count_below, parent_id);
}

bool move_below(scai::db::Tx& tx, const KeyRow& key, std::string_view old_parent) {
    return tx.run(set_parent, key.parent_id, scai::crypto::to_hex(key.wrapped), key.id, old_parent) == 1;
}

bool lock_retired(scai::db::Tx& tx, std::string_view id, std::chrono::seconds grace) {
    return tx.maybe<int>(lock_retired_key, id, std::int64_t{grace.count()}).has_value();
}

void destroy(scai::db::Tx& tx, std::string_view id) {
    tx.run(destroy_key, id);
}

std::int64_t generation(scai::db::Executor& db, std::string_view id) {
    return db.one<std::int64_t>(find_generation, id);
}

std::vector<std::tuple<std::string, std::string, std::int64_t, std::int64_t>>
count_by_state(scai::db::Executor& db) {
    return db.all<std::string, std::string, std::int64_t, std::int64_t>(count_states);
}

} // namespace scaivault::seal::store
