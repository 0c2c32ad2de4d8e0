// All SQL over the wrapped keys. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/seal/model.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace scaivault::seal::store {

std::optional<KeyRow> find(scai::db::Executor& db, std::string_view id);
std::optional<KeyRow> find_active(scai::db::Executor& db, std::string_view kind, std::string_view owner_id);
/// The first active key of an owner. False, and nothing happened, when there is one already.
bool insert_first(scai::db::Tx& tx, const KeyRow& key);

struct Summary {
    bool rotating = false;                  ///< a retired key still wraps something
    std::optional<std::int64_t> root_since; ///< microseconds: when the active root key came into use
    std::string active_provider;            ///< "" before the first key
};
Summary summary(scai::db::Executor& db);

/// A new active generation in place of `expected`; false, and nothing happened, when that is active no more.
bool replace_active(scai::db::Tx& tx, const KeyRow& fresh, std::string_view expected);
std::vector<KeyRow> retired(scai::db::Executor& db);
/// Keys directly below this one that are not destroyed, up to 200 with an id greater than `after`.
std::vector<KeyRow> children(scai::db::Executor& db, std::string_view parent_id, std::string_view after);
std::int64_t count_children(scai::db::Executor& db, std::string_view parent_id);
/// False when it hangs below another parent meanwhile, or is gone.
bool move_below(scai::db::Tx& tx, const KeyRow& key, std::string_view old_parent);
/// Holds off whoever wants to name the key until the transaction ends. False when it is not retired, or not
/// for that long.
bool lock_retired(scai::db::Tx& tx, std::string_view id, std::chrono::seconds grace);
void destroy(scai::db::Tx& tx, std::string_view id);

std::int64_t generation(scai::db::Executor& db, std::string_view id);
/// kind, state, keys, keys directly below them
std::vector<std::tuple<std::string, std::string, std::int64_t, std::int64_t>>
count_by_state(scai::db::Executor& db);

} // namespace scaivault::seal::store
