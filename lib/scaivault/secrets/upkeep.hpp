// What time does to secrets: events about their expiry, and the end of what was removed. Idempotent: a batch
// is a transaction, and a killed run leaves the rest to the next one. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/db/db.hpp"

#include <cstdint>
#include <functional>

namespace scaivault::secrets {

struct ExpiryReport {
    std::int64_t expiring = 0; ///< secret.expiring events
    std::int64_t expired = 0;  ///< secret.expired events
    bool finished = true;      ///< nothing that was due is left
};
/// secret.expiring at each threshold of notify_before once, secret.expired once.
ExpiryReport tell_expiry(scai::db::Pool& pool, scai::UtcTime now, const std::function<bool()>& must_stop);
/// How many secrets it would tell about.
ExpiryReport count_expiry(scai::db::Pool& pool, scai::UtcTime now);

struct PurgeReport {
    std::int64_t secrets = 0;  ///< removed ones past recoverable_until
    std::int64_t versions = 0; ///< of kept secrets, past the grace period of a rotation
    bool finished = true;
};
PurgeReport purge(scai::db::Pool& pool, scai::UtcTime now, const std::function<bool()>& must_stop);
PurgeReport count_purgeable(scai::db::Pool& pool, scai::UtcTime now);

} // namespace scaivault::secrets
