// All SQL over the wrapped keys. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/seal/model.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

} // namespace scaivault::seal::store
