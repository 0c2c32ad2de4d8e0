// What health and metrics ask the database. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"

#include <string>
#include <utility>
#include <vector>

namespace scaivault::health {

void touch(scai::db::Pool& pool); ///< one round trip; throws when there is none
std::vector<std::pair<std::string, std::int64_t>> secrets_by_tenant(scai::db::Pool& pool);
struct Queues {
    std::int64_t rotations = 0; ///< due now
    std::int64_t webhooks = 0;  ///< deliveries that wait
};
Queues queues(scai::db::Pool& pool);

} // namespace scaivault::health
