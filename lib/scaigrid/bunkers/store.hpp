// SQL of bunkers. Objects are JSON texts as the API shows them. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaigrid/bunkers/model.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scaigrid::bunkers::store {

/// Those of the tenant who create bunkers take turns until the transaction ends, so that the quota holds.
void take_turn(scai::db::Tx& tx, std::string_view tenant);
Usage usage(scai::db::Reader& db, std::string_view tenant);
std::string insert(scai::db::Tx& tx, std::string_view tenant, std::string_view id, const Wanted& wanted,
                   std::string_view by);
std::optional<std::string> find(scai::db::Reader& db, std::string_view tenant, std::string_view id);
/// Status and object.
std::optional<std::pair<std::string, std::string>> lock(scai::db::Tx& tx, std::string_view tenant,
                                                        std::string_view id);
struct Filter {
    std::string tenant; ///< "" = all, in Scope::all_tenants
    std::string status; ///< "" = all that are not over
    std::string lifecycle;
};
std::vector<std::pair<std::string, std::int64_t>> list(scai::db::Reader& db, const Filter& filter,
                                                       std::int64_t after, std::int64_t limit);
std::string set_status(scai::db::Tx& tx, std::string_view tenant, std::string_view id,
                       std::string_view status, std::string_view reason);
std::string snapshot(scai::db::Tx& tx, std::string_view tenant, std::string_view id);

struct Ended {
    std::int64_t terminated = 0, paused = 0;
};
/// Bunkers of all tenants whose lifetime or patience is over.
Ended end_due(scai::db::Tx& tx, std::int64_t limit);
/// Removes records that ended more than so many days ago.
std::int64_t purge(scai::db::Tx& tx, std::int64_t days, std::int64_t limit);

} // namespace scaigrid::bunkers::store
