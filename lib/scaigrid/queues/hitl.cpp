// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/queues/hitl.hpp"

namespace scaigrid::queues {

using scai::ErrorKind;
using scai::db::Scope;
using scai::db::Tx;
using scai::json::Value;

namespace {

std::string status_of(const scai::Result<Value>& answer) {
    if (answer)
        return "resolved";
    switch (answer.error().kind) {
    case ErrorKind::conflict:
    case ErrorKind::not_found:
    case ErrorKind::gone:
        return "settled";
    case ErrorKind::unprocessable:
    case ErrorKind::bad_request:
        return "refused";
    default:
        return "pending";
    }
}

} // namespace

Value resume(scai::db::Pool& pool, const Resume& owed, const Resolver& resolver) {
    const auto answer = resolver(owed.tenant_id, owed.checkpoint_id, owed.resolution, owed.by);
    const std::string status = status_of(answer);
    if (status != "pending")
        scai::db::in_tx(pool, Scope::tenant(owed.tenant_id),
                        [&](Tx& tx) { resumed(tx, owed.tenant_id, owed.message_id); });
    Value out = Value::object({{"id", owed.checkpoint_id}, {"status", status}});
    if (!answer)
        out.set("reason", answer.error().message);
    return out;
}

ResumedCount resume_due(scai::db::Pool& pool, const Resolver& resolver, std::int64_t limit,
                        const std::function<bool()>& stop) {
    ResumedCount out;
    const auto owed =
        scai::db::in_tx(pool, Scope::all_tenants(), [&](Tx& tx) { return take_resumes(tx, limit); });
    for (const auto& each : owed) {
        if (stop())
            break;
        const std::string status = resume(pool, each, resolver).member("status");
        ++(status == "resolved"  ? out.resolved
           : status == "settled" ? out.settled
           : status == "refused" ? out.refused
                                 : out.pending);
    }
    return out;
}

} // namespace scaigrid::queues
