// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/purge.hpp"

namespace scaiflow::flows {

using scai::db::Pool;
using scai::db::Scope;

namespace {

constexpr std::int64_t batch = 5'000;

constexpr auto count_old = R"(
SELECT (SELECT count(*) FROM scaiflow.idempotency_keys WHERE created_at < now() - interval '24 hours'),
       (SELECT count(*) FROM scaiflow.flow_presence WHERE last_seen_at < now() - interval '1 hour'))";

constexpr auto delete_keys = R"(
DELETE FROM scaiflow.idempotency_keys
 WHERE ctid = ANY (ARRAY(SELECT k.ctid FROM scaiflow.idempotency_keys k
                          WHERE k.created_at < now() - interval '24 hours' LIMIT :p1::bigint))
   AND created_at < now() - interval '24 hours')";

constexpr auto delete_presence = R"(
DELETE FROM scaiflow.flow_presence
 WHERE ctid = ANY (ARRAY(SELECT p.ctid FROM scaiflow.flow_presence p
                          WHERE p.last_seen_at < now() - interval '1 hour' LIMIT :p1::bigint))
   AND last_seen_at < now() - interval '1 hour')";

std::int64_t empty_out(Pool& pool, const char* statement) {
    std::int64_t gone = 0;
    for (std::int64_t now = batch; now == batch; gone += now)
        now = scai::db::in_tx(pool, Scope::all_tenants(),
                              [&](scai::db::Tx& tx) { return tx.run(statement, batch); });
    return gone;
}

} // namespace

Purged count_purgeable(Pool& pool) {
    const auto [keys, presence] = pool.read(Scope::all_tenants()).one<std::int64_t, std::int64_t>(count_old);
    return {keys, presence};
}

Purged purge(Pool& pool) {
    Purged out;
    out.idempotency_keys = empty_out(pool, delete_keys);
    out.presence = empty_out(pool, delete_presence);
    return out;
}

} // namespace scaiflow::flows
