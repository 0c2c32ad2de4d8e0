// SQL of scaikey.signing_keys. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scaikey::oauth {

struct KeyRow {
    std::string kid, algorithm, private_key;
    std::int64_t created_at = 0, active_from = 0;
    std::optional<std::int64_t> retire_at;
};

/// Keys that are still published at `now`, newest first.
std::vector<KeyRow> published_keys(scai::db::Reader& db, std::int64_t now);
/// Until the transaction ends nobody else adds a key.
void lock_keys(scai::db::Tx& tx);
void insert_key(scai::db::Tx& tx, const KeyRow& key);
/// Sets retire_at of every older key of the algorithm that has none, or an earlier one.
void retire_older(scai::db::Tx& tx, const KeyRow& successor, std::int64_t retire_at);
void extend_retirement(scai::db::Tx& tx, std::string_view kid, std::int64_t retire_at);
std::vector<std::string> delete_retired(scai::db::Tx& tx, std::int64_t now);
/// Longest token lifetime of any application, deleted ones included.
std::int64_t longest_token_lifetime(scai::db::Reader& db);

} // namespace scaikey::oauth
