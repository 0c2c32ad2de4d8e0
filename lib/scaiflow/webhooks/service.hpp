// Applying one verified event: dedupe, order, mirror, inherited memberships and roles in ONE transaction, so
// that an answer of 200 means all of it and anything else means nothing of it. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/scaiflow/roles/roles.hpp"
#include "lib/scaiflow/webhooks/shared.hpp"

#include <chrono>
#include <string>

namespace scaiflow::webhooks {

struct Policy {
    roles::SuperAdminGroups super_admin_groups;
    std::string pinned_tenant;              ///< SCAIKEY_TENANT_ID: events of others are not ours
    std::chrono::seconds future_limit{300}; ///< see clamp()
};

struct Receipt {
    bool handled = false; ///< the answer
    Outcome outcome = Outcome::unknown_type;
    bool duplicate = false; ///< seen before: nothing was done
};

/// What cannot be applied safely is put on record as needs_sync and makes the next `sync --if-due` due:
/// events without tenant, time or ids, of a tenant no sweep has seen, of nested groups (edges carry no
/// version), of application assignments (who is effective is upstream's to say), memberships of unknown users
/// or groups, first events with half of the attributes, and whatever clocks cannot order. A membership is
/// kept even so, for its user or group may arrive later. Throws db::Error: the sender then tries again.
Receipt receive(scai::db::Pool& pool, Event event, const Policy& policy, scai::UtcTime now);

} // namespace scaiflow::webhooks
