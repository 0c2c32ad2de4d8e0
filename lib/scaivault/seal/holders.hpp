// Every place of the database that keeps a data key under a tenant's key; a rotation goes through all of
// them. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault::seal {

/// One pair of columns: the id of a tenant key, and the data key wrapped under it.
struct Holder {
    std::string_view table, key_column, wrapped_column;
    const char* batch;  ///< key id, last id, last version -> id, version, wrapped; locked
    const char* update; ///< new key id, ids, versions, wrapped, tenant, old key id
    const char* count;  ///< key id -> rows
};
std::span<const Holder> holders();

struct HeldKey {
    std::string id;
    std::int64_t version;
    std::string wrapped; ///< bytes
};

namespace store {
/// Up to 200 rows after (id, version) that no other transaction holds; they stay locked.
std::vector<HeldKey> lock_batch(scai::db::Tx& tx, const Holder& holder, std::string_view key_id,
                                std::string_view after_id, std::int64_t after_version);
std::int64_t rewrite(scai::db::Tx& tx, const Holder& holder, std::string_view tenant_id,
                     std::string_view old_key, std::string_view new_key, const std::vector<HeldKey>& rows);
/// Over all tenants: the session's scope must be all_tenants.
std::int64_t count_held(scai::db::Executor& db, std::string_view key_id);
} // namespace store

} // namespace scaivault::seal
