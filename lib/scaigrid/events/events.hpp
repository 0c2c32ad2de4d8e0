// The event feed of a tenant (contract scaigrid.md 5.1, 12 N12): oldest first, the cursor is a position, the
// newest 10,000 of a tenant are kept. A position is given under a lock of the tenant that lasts until commit,
// so that whoever reads on from a cursor never misses an event that was written earlier and committed later.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scaigrid::events {

struct Event {
    std::int64_t position = 0; ///< 0 until stored
    std::string type;          ///< "scaicore.runtime.block.entered", "scaiqueue.message.completed", ...
    std::string core_id;       ///< "" when it belongs to none
    scai::UtcTime timestamp{};
    scai::json::Value payload;
};

/// In the transaction of what they report; one statement for all.
void append(scai::db::Tx& tx, std::string_view tenant_id, const std::vector<Event>& events);

} // namespace scaigrid::events
