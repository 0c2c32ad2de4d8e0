// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/store_presence.hpp"

namespace scaiflow::flows::store {

namespace {

// Locked rows are left to whoever has them: two heartbeats never wait for each other.
constexpr auto delete_expired = R"(
DELETE FROM scaiflow.flow_presence AS p
 USING (SELECT tenant_id, flow_id, user_id
          FROM scaiflow.flow_presence
         WHERE tenant_id = :p1 AND flow_id = :p2 AND user_id <> :p3
           AND last_seen_at < clock_timestamp() - make_interval(secs => :p4::double precision)
           FOR UPDATE SKIP LOCKED) AS gone
 WHERE p.tenant_id = gone.tenant_id AND p.flow_id = gone.flow_id AND p.user_id = gone.user_id)";

constexpr auto upsert_presence = R"(
INSERT INTO scaiflow.flow_presence (tenant_id, flow_id, user_id, display_name)
VALUES (:p1, :p2, :p3, :p4)
ON CONFLICT (tenant_id, flow_id, user_id)
DO UPDATE SET display_name = excluded.display_name, last_seen_at = clock_timestamp())";

constexpr auto delete_presence = R"(
DELETE FROM scaiflow.flow_presence WHERE tenant_id = :p1 AND flow_id = :p2 AND user_id = :p3)";

constexpr auto select_present = R"(
SELECT user_id, display_name, (extract(epoch FROM last_seen_at) * 1000000)::bigint
  FROM scaiflow.flow_presence
 WHERE tenant_id = :p1 AND flow_id = :p2
   AND last_seen_at >= clock_timestamp() - make_interval(secs => :p3::double precision)
 ORDER BY lower(display_name), user_id)";

} // namespace

void beat(scai::db::Tx& tx, const Head& flow, std::string_view user_id, std::string_view display_name) {
    tx.run(delete_expired, flow.tenant_id, flow.id, user_id, presence_seconds);
    tx.run(upsert_presence, flow.tenant_id, flow.id, user_id, display_name);
}

void unbeat(scai::db::Tx& tx, const Head& flow, std::string_view user_id) {
    tx.run(delete_presence, flow.tenant_id, flow.id, user_id);
}

std::vector<Present> present(scai::db::Executor& reader, const Head& flow) {
    std::vector<Present> out;
    for (auto& [user_id, display_name, seen] : reader.all<std::string, std::string, std::int64_t>(
             select_present, flow.tenant_id, flow.id, presence_seconds))
        out.push_back(
            {std::move(user_id), std::move(display_name), scai::UtcTime(std::chrono::microseconds(seen))});
    return out;
}

} // namespace scaiflow::flows::store
