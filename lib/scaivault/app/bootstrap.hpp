// BOOTSTRAP_SUPER_ADMIN (contract scaivault.md 9.5): a grant that waits in the database until its user is in
// the copy of the directory and comes with a token of his own. It is given once: who loses the role later
// does not get it back this way. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/settings.hpp"
#include "lib/db/db.hpp"
#include "lib/scaivault/app/caller.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scaivault::bootstrap {

struct Grant {
    std::string identity;                ///< as the setting names it
    std::string tenant_id;               ///< "" = any
    std::string state;                   ///< pending, ambiguous, granted
    std::string user_id, user_tenant_id; ///< of a grant that was given
    scai::UtcTime created_at{};
    std::optional<scai::UtcTime> granted_at;
};

/// Writes down what the settings ask for; nothing when it is written down already, or nothing is asked for.
void remember(scai::db::Pool& pool, const scai::config::Settings& settings);
/// Whether the setting names this caller and he has not got the role.
bool wanted(const scai::config::Settings& settings, const Caller& caller);
/// Gives the grant that waits for this caller, if one does. One statement, for the caller the setting names
/// only.
bool apply(scai::db::Pool& pool, const scai::config::Settings& settings, const Caller& caller);
std::vector<Grant> list(scai::db::Pool& pool);
/// What has to happen next, for an administrator to read; "" when nothing has.
std::string next_step(const Grant& grant, const scai::config::Settings& settings);

} // namespace scaivault::bootstrap
