// From an answered form to the run that waits for it. Completing a message and resolving its checkpoint are
// two transactions; the message remembers that its checkpoint is owed an answer until it is resolved, so that
// a process killed in between loses nothing: the job goes on. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"
#include "lib/scaigrid/queues/messages.hpp"

#include <functional>
#include <string>

namespace scaigrid::queues {

/// runs::resolve, or a test's double.
using Resolver = std::function<scai::Result<scai::json::Value>(
    const std::string& tenant_id, const std::string& checkpoint_id, const scai::json::Value& resolution,
    const std::string& resolved_by)>;

/// What became of the checkpoint: {id, status "resolved" | "settled" (by somebody else, or gone) | "refused"
/// (its block takes no such answer) | "pending" (the job tries again), reason?}.
scai::json::Value resume(scai::db::Pool& pool, const Resume& owed, const Resolver& resolver);

struct ResumedCount {
    std::int64_t resolved = 0, settled = 0, refused = 0, pending = 0;
};
/// What is owed in all tenants. `stop` is asked between two.
ResumedCount resume_due(scai::db::Pool& pool, const Resolver& resolver, std::int64_t limit,
                        const std::function<bool()>& stop);

} // namespace scaigrid::queues
