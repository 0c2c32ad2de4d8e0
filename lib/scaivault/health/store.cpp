// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/health/store.hpp"

namespace scaivault::health {

namespace {

using scai::db::Scope;

constexpr auto select_one = R"(SELECT 1)";

constexpr auto count_secrets = R"(
    SELECT tenant_id, count(*) FROM scaivault.secrets WHERE deleted_at IS NULL GROUP BY tenant_id ORDER BY tenant_id
)";

constexpr auto count_queues = R"(
    SELECT (SELECT count(*) FROM scaivault.rotation_schedules WHERE next_rotation_at <= now()),
           (SELECT count(*) FROM scaivault.deliveries WHERE status = 'pending')
)";

} // namespace

void touch(scai::db::Pool& pool) {
    pool.read(Scope::none()).one<int>(select_one);
}

std::vector<std::pair<std::string, std::int64_t>> secrets_by_tenant(scai::db::Pool& pool) {
    std::vector<std::pair<std::string, std::int64_t>> out;
    for (auto& [tenant, count] :
         pool.read(Scope::all_tenants()).all<std::string, std::int64_t>(count_secrets))
        out.emplace_back(std::move(tenant), count);
    return out;
}

Queues queues(scai::db::Pool& pool) {
    const auto [rotations, webhooks] =
        pool.read(Scope::all_tenants()).one<std::int64_t, std::int64_t>(count_queues);
    return {.rotations = rotations, .webhooks = webhooks};
}

} // namespace scaivault::health
