// The deployment records of a flow (contract scaiflow-api.md 10-7). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"
#include "lib/scaiflow/flows/access.hpp"

namespace scaiflow::flows {

struct Deployment {
    std::int64_t number = 0;
    std::string id, flow_id, version, status; ///< running, succeeded, failed
    std::string kind;                         ///< deploy, rollback
    std::optional<std::string> rollback_of;
    bool publish = false; ///< as a chat model
    int attempt = 1;
    std::optional<std::string> core_id, published_slug, credential_kind, grid_url, request_id;
    std::string deployed_by;
    std::optional<std::string> deployed_by_name;
    scai::UtcTime deployed_at{};
    std::optional<scai::UtcTime> finished_at;
    std::string error; ///< JSON, "null" without
};
scai::json::Value to_json(const Deployment& row);

struct DeploymentPage {
    std::vector<Deployment> items;
    std::int64_t total = 0;
    std::optional<std::int64_t> next; ///< number of the last one shown
};

/// Newest first; `before` 0: from the newest. Needs view.
scai::Result<DeploymentPage> list_deployments(scai::db::Pool& pool, const Caller& caller,
                                              std::string_view flow_id, std::int64_t before,
                                              std::int64_t limit);

/// One step, written before it was done and again after.
struct DeploymentStep {
    int ordinal = 0, attempt = 1;
    std::string step;
    scai::UtcTime intent_at{};
    std::optional<scai::UtcTime> finished_at;
    std::optional<std::string> outcome; ///< ok, failed, unknown, interrupted
    std::string detail;                 ///< JSON
};
scai::json::Value to_json(const DeploymentStep& row);

struct DeploymentDetail {
    Deployment deployment;
    std::vector<DeploymentStep> steps; ///< in their order
};
/// not_found "deployment_not_found". Needs view.
scai::Result<DeploymentDetail> read_deployment(scai::db::Pool& pool, const Caller& caller,
                                               std::string_view flow_id, std::string_view id);

/// For whoever has opened the flow.
std::optional<Deployment> find_deployment(scai::db::Executor& reader, const std::string& tenant_id,
                                          const std::string& flow_id, std::string_view id);

} // namespace scaiflow::flows
