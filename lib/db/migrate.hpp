// Migrations: sql/<product>/migrations/NNNN_name.sql (+ .down.sql), one transaction each, under an advisory
// lock. Applied numbers live in <schema>.schema_migrations(number, name, checksum, applied_at).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"

#include <functional>
#include <string>
#include <vector>

namespace scai::db {

struct Migration {
    int number;
    std::string name; ///< "0001_mirror"
    std::string up, down;
};

/// Reads a folder, sorted. Throws std::runtime_error on a gap, a duplicate number or an unreadable file.
std::vector<Migration> read_migrations(const std::string& folder);

struct MigrateResult {
    int before, after;
    std::vector<std::string> applied; ///< names, in order; "down 0002_x" when going back
};

/// The folder that holds <product>/migrations: `wanted` (a flag) when not empty, else $SCAI_SQL_DIR, else
/// beside the program in a checkout or an installation. Throws std::runtime_error naming what was tried.
std::string sql_folder(const std::string& wanted, const std::string& product);
/// roles.sql of the product; "" when it has none.
std::string read_roles(const std::string& sql_folder, const std::string& product);

/// `target` < 0 means newest. Runs `roles_sql` first (idempotent). Throws db::Error naming the migration that
/// failed; an applied migration whose checksum differs throws std::runtime_error.
MigrateResult migrate(const PoolSettings& settings, const std::string& schema,
                      const std::vector<Migration>& migrations, const std::string& roles_sql, int target);

/// Highest applied number; 0 when nothing was migrated.
int schema_version(Pool& pool, const std::string& schema);

} // namespace scai::db
