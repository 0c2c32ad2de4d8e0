// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/secrets/store_accesses.hpp"

namespace scaivault::secrets::store {

namespace {

// Nobody waits for a writer here, and so no two of these can wait for each other.
constexpr auto mark_accessed_sql = R"sql(
WITH due AS (
    SELECT s.tenant_id, s.path, x.at
      FROM unnest(:p1::text[], :p2::text[], :p3::timestamptz[]) AS x(tenant_id, path, at)
      JOIN scaivault.secrets AS s ON s.tenant_id = x.tenant_id AND s.path = x.path
     WHERE s.deleted_at IS NULL AND (s.last_accessed_at IS NULL OR s.last_accessed_at < x.at)
       FOR NO KEY UPDATE OF s SKIP LOCKED
)
UPDATE scaivault.secrets AS s SET last_accessed_at = due.at
  FROM due WHERE s.tenant_id = due.tenant_id AND s.path = due.path
)sql";

} // namespace

void mark_accessed(scai::db::Tx& tx, const std::vector<std::string>& owners,
                   const std::vector<std::string>& paths, const std::vector<std::string>& times) {
    tx.run(mark_accessed_sql, owners, paths, times);
}

} // namespace scaivault::secrets::store
