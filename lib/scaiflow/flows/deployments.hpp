// The deployment records of a flow (contract scaiflow-api.md 10-7). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/flows/access.hpp"

namespace scaiflow::flows {

struct Deployment {
    std::int64_t number = 0;
    std::string id, flow_id, version, status; ///< running, succeeded, failed
    std::optional<std::string> core_id, published_slug, credential_kind;
    std::string deployed_by;
    std::optional<std::string> deployed_by_name;
    scai::UtcTime deployed_at{};
    std::optional<scai::UtcTime> finished_at;
    std::string error; ///< JSON, "null" without
};

struct DeploymentPage {
    std::vector<Deployment> items;
    std::int64_t total = 0;
    std::optional<std::int64_t> next; ///< number of the last one shown
};

/// Newest first; `before` 0: from the newest. Needs view.
scai::Result<DeploymentPage> list_deployments(scai::db::Pool& pool, const Caller& caller,
                                              std::string_view flow_id, std::int64_t before,
                                              std::int64_t limit);

} // namespace scaiflow::flows
