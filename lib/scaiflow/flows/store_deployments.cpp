// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/deployments.hpp"

namespace scaiflow::flows {

namespace {

constexpr auto page_of_deployments = R"(
SELECT d.number, d.id, d.flow_id, d.version, d.status, d.core_id, d.published_slug, d.credential_kind, d.deployed_by,
       coalesce(nullif(u.display_name, ''), nullif(u.email, '')),
       (extract(epoch FROM d.deployed_at) * 1000000)::bigint, (extract(epoch FROM d.finished_at) * 1000000)::bigint,
       coalesce(d.error::text, 'null')
  FROM scaiflow.flow_deployments d
  LEFT JOIN scaiflow.users u ON u.tenant_id = d.tenant_id AND u.id = d.deployed_by
 WHERE d.tenant_id = :p1 AND d.flow_id = :p2 AND (:p3::bigint = 0 OR d.number < :p3::bigint)
 ORDER BY d.number DESC LIMIT :p4::bigint)";

constexpr auto count_of_flow = R"(
SELECT count(*) FROM scaiflow.flow_deployments WHERE tenant_id = :p1 AND flow_id = :p2)";

scai::UtcTime time_of(std::int64_t micros) {
    return scai::UtcTime(std::chrono::microseconds(micros));
}

} // namespace

scai::Result<DeploymentPage> list_deployments(scai::db::Pool& pool, const Caller& caller,
                                              std::string_view flow_id, std::int64_t before,
                                              std::int64_t limit) {
    using Text = std::optional<std::string>;
    auto reader = pool.read(scope_of(caller));
    SCAI_TRY(const auto flow, open_flow(reader, caller, flow_id, Level::view));
    DeploymentPage page;
    page.total = reader.one<std::int64_t>(count_of_flow, flow.tenant_id, flow.id);
    for (auto& [number, id, of_flow, version, status, core, slug, kind, by, by_name, at, finished, error] :
         reader.all<std::int64_t, std::string, std::string, std::string, std::string, Text, Text, Text,
                    std::string, Text, std::int64_t, std::optional<std::int64_t>, std::string>(
             page_of_deployments, flow.tenant_id, flow.id, before, limit + 1))
        page.items.push_back({.number = number,
                              .id = std::move(id),
                              .flow_id = std::move(of_flow),
                              .version = std::move(version),
                              .status = std::move(status),
                              .core_id = std::move(core),
                              .published_slug = std::move(slug),
                              .credential_kind = std::move(kind),
                              .deployed_by = std::move(by),
                              .deployed_by_name = std::move(by_name),
                              .deployed_at = time_of(at),
                              .finished_at = finished ? std::optional(time_of(*finished)) : std::nullopt,
                              .error = std::move(error)});
    if (static_cast<std::int64_t>(page.items.size()) > limit) {
        page.items.pop_back();
        page.next = page.items.back().number;
    }
    return page;
}

} // namespace scaiflow::flows
