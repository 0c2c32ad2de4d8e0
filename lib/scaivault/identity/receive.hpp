// An event of ScaiKey applied to the copy of the directory: once, never backwards; what it cannot say for
// certain asks for a sync. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/directory/events/rules.hpp"

#include <chrono>
#include <string>

namespace scaivault::identity {

struct Receipt {
    bool handled = false;
    bool duplicate = false;
    scai::directory::events::Outcome outcome = scai::directory::events::Outcome::unknown_type;
};

/// Dedupe, order, rows and the request for a sync in one transaction. Throws db::Error: the sender then tries
/// again.
Receipt receive(scai::db::Pool& pool, scai::directory::events::Event event, const std::string& pinned_tenant,
                scai::UtcTime now, std::chrono::seconds future_limit);

} // namespace scaivault::identity
