// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/sweeps.hpp"

#include "lib/job/job.hpp"

namespace scaiflow::admin_api {

namespace {

/// The first error among the messages, run-wide ones first.
std::string reason_of(const mirror::SweepResult& result) {
    for (const auto& message : result.messages)
        if (message.level == "error")
            return message.text;
    for (const auto& tenant : result.tenants) {
        if (!tenant.error.empty())
            return tenant.error;
        for (const auto& message : tenant.messages)
            if (message.level == "error")
                return message.text;
    }
    return {};
}

} // namespace

mirror::SweepOptions sweep_options(const scai::web::Request& request) {
    mirror::SweepOptions options;
    options.trigger = "api";
    options.actor = request.principal.subject;
    return options;
}

std::optional<scai::Error> failure_of(const mirror::SweepResult& result) {
    if (result.skipped_reason || result.exit_code == scai::job::exit_ok ||
        result.exit_code == scai::job::exit_breaker)
        return std::nullopt;
    const bool upstream = result.exit_code == scai::job::exit_unavailable;
    const std::string reason = reason_of(result);
    scai::Error error{.kind = upstream ? scai::ErrorKind::upstream : scai::ErrorKind::unavailable,
                      .code = upstream ? "scaikey_unavailable" : "sync_failed",
                      .message = !reason.empty() ? reason
                                 : upstream      ? "ScaiKey could not be read; nothing was changed"
                                                 : "the sync did not finish",
                      .fix = "GET /v1/admin/sync/runs/{run_id} has the details",
                      .extra = {{"outcome", result.outcome}}};
    if (!result.run_id.empty())
        error.extra.emplace_back("run_id", result.run_id);
    return error;
}

} // namespace scaiflow::admin_api
