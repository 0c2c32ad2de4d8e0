// Deployments of stored flows: one at a time per flow, each a row with its steps. What makes "one at a time"
// is an advisory lock on a connection of the deploying process: it goes when the process dies, so whoever
// comes next knows that a row left `running` has nobody, and goes on with it. No transaction is open while
// ScaiGrid is asked. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/app/idempotency.hpp"
#include "lib/scaiflow/deploy/pipeline.hpp"
#include "lib/scaiflow/flows/access.hpp"
#include "lib/scaiflow/flows/deployments.hpp"

#include <functional>
#include <optional>
#include <string>

namespace scaiflow {
struct Context;
} // namespace scaiflow

namespace scaiflow::deploy {

struct Wish {
    flows::Caller caller;
    std::string flow_id;
    std::optional<bool> publish; ///< absent: as the flow says, or as the deployment that is brought back
    std::optional<std::string> rollback_of; ///< a deployment of this flow: its version again
    std::optional<IdempotencyKey> key;
};

/// Of the caller, for a flow of his tenant.
using Credentials = std::function<scai::Result<grid::Credential>(const std::string& tenant_id)>;

struct Finished {
    flows::Deployment deployment; ///< succeeded
    bool replayed = false;        ///< made by an earlier request with the same Idempotency-Key
};

/// Needs level deploy. Besides the errors of the pipeline (with `deployment_id`) and of the credentials:
/// conflict "deployment_running" {deployment_id}, not_found "deployment_not_found", conflict
/// "deployment_not_succeeded", unprocessable "idempotency_key_reused".
scai::Result<Finished> deploy(Context& context, const Wish& wish, const Credentials& credentials);

/// Rows left `running` by processes that are gone become failed, their open steps interrupted; how many.
std::int64_t settle_abandoned(scai::db::Pool& pool);

} // namespace scaiflow::deploy
