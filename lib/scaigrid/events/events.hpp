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

inline constexpr std::int64_t kept = 10'000; ///< of a tenant
inline constexpr std::int64_t default_page = 50, largest_page = 500;

/// In the transaction of what they report, as its last statement: one for all, and the tenant's feed is
/// locked from then on.
void append(scai::db::Tx& tx, std::string_view tenant_id, const std::vector<Event>& events);

struct Query {
    std::string core_id;    ///< "": of every Core
    std::int64_t after = 0; ///< position
    std::int64_t limit = default_page;
};

struct Page {
    std::string rows; ///< text of a JSON array: {type, core_id, timestamp, payload}
    std::int64_t count = 0;
    std::int64_t last = 0; ///< position of the last row; Query::after when there is none
    bool more = false;     ///< there are newer ones already
};

Page read(scai::db::Pool& pool, std::string_view tenant_id, const Query& query);

/// Position of the newest event; 0 when there was none yet.
std::int64_t newest(scai::db::Pool& pool, std::string_view tenant_id);

/// Drops what is older than the newest `kept` of each tenant; how many.
std::int64_t prune(scai::db::Pool& pool, std::int64_t keep = kept);

} // namespace scaigrid::events
