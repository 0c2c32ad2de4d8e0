// Loading a directory in bulk: rows go by COPY into staging tables, then one set-based statement per table
// brings them in. Everything in one transaction, idempotent by natural key (slug; e-mail in tenant; group
// name in tenant; client id). No events are written: a mirror learns of a load from its next sweep.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scaikey::load {

struct Generate {
    std::int64_t users = 0, groups = 0, memberships = 0, tenants = 1;
    std::int64_t nested = 0; ///< group-in-group edges on top
    std::string prefix = "bench";
    std::string password = "benchmark"; ///< of every generated user: one hash for all
};
/// "users=100000,groups=2000,memberships=1000000[,tenants=N][,nested=N][,prefix=P]".
scai::Result<Generate> parse_generate(std::string_view text);

struct Sources {
    std::string json_file; ///< everything in one document, see sql/scaikey/demo.json
    std::string partners_csv, tenants_csv, users_csv, groups_csv, memberships_csv;
    std::optional<Generate> generate;
    std::string
        assign; ///< application (id, client id or name): every group of the loaded tenants is assigned to it
};

/// Counters: per table added, updated, unchanged. Error: the first thing wrong with the input; then nothing
/// is written. `dry_run` does it all and rolls back.
scai::Result<scai::json::Value> load(scai::db::Pool& pool, const Sources& sources, bool dry_run);

} // namespace scaikey::load
