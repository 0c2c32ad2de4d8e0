// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/secrets/model.hpp"
#include "lib/scaivault/secrets/rules.hpp"
#include "lib/scaivault/secrets/upkeep.hpp"

#include <string>
#include <vector>

namespace scaivault::secrets::store {

struct DueSecret {
    std::string owner, partner_id, path, secret_type;
    std::vector<std::string> tags, notify_before;
    scai::UtcTime expires_at;
    std::optional<std::int64_t> noticed_seconds;
};
/// Locked; those that others hold are left out.
std::vector<DueSecret> due_secrets(scai::db::Tx& tx, scai::UtcTime now, std::int64_t limit);
void set_notices(scai::db::Tx& tx, const std::vector<DueSecret>& secrets, const std::vector<Notice>& notices);
ExpiryReport count_due(scai::db::Executor& reader, scai::UtcTime now);

struct Removable {
    std::string owner, path, secret_id;
};
/// Locked; those that others hold are left out.
std::vector<Removable> removable(scai::db::Tx& tx, scai::UtcTime now, std::int64_t limit);
void erase_all(scai::db::Tx& tx, const std::vector<Removable>& secrets);
/// Versions whose grace period is over; at most `limit`.
std::int64_t drop_closed_versions(scai::db::Tx& tx, scai::UtcTime now, std::int64_t limit);
PurgeReport count_removable(scai::db::Executor& reader, scai::UtcTime now);

} // namespace scaivault::secrets::store
