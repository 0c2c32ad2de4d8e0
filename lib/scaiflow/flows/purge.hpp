// Rows that stopped to matter: Idempotency-Keys older than a day, presence nobody refreshed for an hour.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"

namespace scaiflow::flows {

struct Purged {
    std::int64_t idempotency_keys = 0, presence = 0;
};

Purged count_purgeable(scai::db::Pool& pool);
/// In batches, each a transaction of its own: whatever stops it, what is gone is gone.
Purged purge(scai::db::Pool& pool);

} // namespace scaiflow::flows
