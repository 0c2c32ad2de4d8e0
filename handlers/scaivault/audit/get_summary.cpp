// GET /v1/audit/summary: counts of a period, the last 30 days unless from and to say otherwise.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/audit/handlers.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/audit/query.hpp"

namespace scaivault::audit_api {

Answer get_summary(Context& context, const scai::web::Request& request) {
    SCAI_TRY(auto filter, audit::filter_of(request));
    const auto to = filter.to.value_or(context.clock->now());
    if (!filter.from)
        filter.from = to - std::chrono::hours(24 * 30);
    SCAI_TRY(const auto summary, audit::summarize(context.pool, caller_of(request).tenant_id, filter));
    auto body = to_json(summary);
    body.set("from", audit::to_wire_time(*filter.from)).set("to", audit::to_wire_time(to));
    return scai::web::Response::json(body);
}

} // namespace scaivault::audit_api
