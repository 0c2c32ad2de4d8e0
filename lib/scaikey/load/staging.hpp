// Staging tables of a load and the readers that fill them. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace scaikey::load {

/// One staging table: its columns are the CSV columns, the keys of the JSON rows, and, with `ord`, the table.
struct Table {
    std::string_view name;      ///< "users": key in the JSON document, load_users in the database
    std::string_view copy_into; ///< target of COPY
    std::vector<std::string_view> columns;
    std::vector<std::string_view> required;
};
const Table& partners_table();
const Table& tenants_table();
const Table& users_table();
const Table& groups_table();
const Table& memberships_table();

/// Passwords become hashes here; equal passwords share one, as a hash costs 80 ms.
class PasswordHashes {
public:
    const std::string& of(const std::string& password);

private:
    std::map<std::string, std::string> hashes_;
};

/// 422 that says which row.
scai::Status refused_at(const std::string& where, const std::string& what);
void create_staging(scai::db::Tx& tx);
scai::Status stage_csv(scai::db::Tx& tx, const Table& table, const std::string& file,
                       PasswordHashes& passwords);
/// The array `table.name` of the document; absent is fine. Values are strings; other scalars are refused.
scai::Status stage_json(scai::db::Tx& tx, const Table& table, const scai::json::Value& document,
                        PasswordHashes& passwords);
scai::Result<scai::json::Value> read_document(const std::string& file);

} // namespace scaikey::load
