// Bunkers as the API serves them (contract scaigrid.md 7). The embedded ScaiGrid keeps the records and runs
// nothing: no worker belongs to it, which `worker: null` of every bunker says, and whatever needs one answers
// WORKER_UNAVAILABLE. A bunker is `running` from its creation on, so that its life cycle, quota and time
// limits can be tried. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaigrid/bunkers/rules.hpp"
#include "lib/scaigrid/bunkers/store.hpp"

namespace scaigrid::bunkers {

using Object = scai::Result<scai::json::Value>;

/// unprocessable, forbidden, rate_limited: see rules.hpp.
Object create(scai::db::Pool& pool, std::string_view tenant, std::string_view by,
              const scai::json::Value& body, const May& may);
Object get(scai::db::Pool& pool, std::string_view tenant, std::string_view id);

struct Page {
    std::vector<scai::json::Value> rows;
    std::optional<std::int64_t> next;
};
Page list(scai::db::Pool& pool, const store::Filter& filter, std::int64_t after, std::int64_t limit);
/// pause, resume, snapshot; conflict "BUNKER_STATE".
Object change(scai::db::Pool& pool, std::string_view tenant, std::string_view id, std::string_view verb);
/// Terminates it; the record stays for a while. One that is over already stays as it is.
scai::Status remove(scai::db::Pool& pool, std::string_view tenant, std::string_view id, bool with_snapshot);
/// Rows {resource, usage, cap, headroom}.
scai::json::Value usage_rows(scai::db::Pool& pool, std::string_view tenant);

/// not_found, or unavailable WORKER_UNAVAILABLE: what exec and files answer.
scai::Error no_worker(scai::db::Pool& pool, std::string_view tenant, std::string_view id);

} // namespace scaigrid::bunkers
