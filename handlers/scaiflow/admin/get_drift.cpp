// GET /v1/admin/drift: what a sweep would change, and nothing changed. It is a sweep in dry-run mode, so it
// takes as long and the same lock. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"
#include "handlers/scaiflow/admin/sweeps.hpp"

namespace scaiflow::admin_api {

using scai::Error;
using scai::ErrorKind;
using scai::json::Value;

namespace {

/// A sweep that did not look has nothing to say about drift.
std::optional<Error> not_looked(const mirror::SweepResult& result) {
    if (!result.skipped_reason)
        return std::nullopt;
    if (*result.skipped_reason == "already_running")
        return Error{.kind = ErrorKind::conflict,
                     .code = "already_running",
                     .message = "a sync is running: " + result.holder,
                     .fix = "try again when it has finished",
                     .retry_after_seconds = 10};
    return Error{.kind = ErrorKind::unavailable,
                 .code = *result.skipped_reason,
                 .message = "ScaiKey OIDC not configured on the server",
                 .fix =
                     "set SCAIKEY_BASE_URL, SCAIFLOW_SCAIKEY_CLIENT_ID and SCAIFLOW_SCAIKEY_CLIENT_SECRET"};
}

Value drift_json(const mirror::SweepResult& result) {
    const auto& n = result.counters;
    const std::int64_t total = n.users_added + n.users_undeleted + n.users_soft_deleted + n.users_updated +
                               n.groups_added + n.groups_undeleted + n.groups_soft_deleted +
                               n.groups_updated + n.memberships_added + n.memberships_soft_deleted +
                               result.super_admins_group_promoted + result.super_admins_group_demoted;
    const Value all = mirror::to_json(result, true);
    auto out = Value::object();
    out.set("in_sync", total == 0 && !result.partial && !result.breaker);
    out.set("differences", total);
    out.set("users", Value::object({{"missing", n.users_added + n.users_undeleted},
                                    {"extra", n.users_soft_deleted},
                                    {"different", n.users_updated},
                                    {"unverified", n.users_unverified}}));
    out.set("groups", Value::object({{"missing", n.groups_added + n.groups_undeleted},
                                     {"extra", n.groups_soft_deleted},
                                     {"different", n.groups_updated}}));
    out.set("memberships",
            Value::object({{"missing", n.memberships_added}, {"extra", n.memberships_soft_deleted}}));
    out.set("roles", Value::object({{"to_promote", result.super_admins_group_promoted},
                                    {"to_demote", result.super_admins_group_demoted}}));
    for (const char* key : {"run_id", "users_method", "partial", "breaker", "duration_seconds", "messages",
                            "changes", "changes_truncated"})
        if (const auto value = all.get(key); value.present())
            out.set(key, value);
    return out;
}

} // namespace

scai::Result<scai::web::Response> get_drift(Context& context, const scai::web::Request& request) {
    mirror::SweepOptions options = sweep_options(request);
    options.dry_run = true;
    options.tenant = request.query_text("tenant_id");
    const auto result = mirror::sweep(context, options);
    if (auto error = not_looked(result))
        return *error;
    if (auto error = failure_of(result))
        return *error;
    return scai::web::Response::json(drift_json(result));
}

} // namespace scaiflow::admin_api
