// How a checkpoint ends, and the run goes on. SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/app/answers.hpp"
#include "lib/scaigrid/app/context.hpp"
#include "lib/scaigrid/checkpoints/store.hpp"
#include "lib/scaigrid/queues/messages.hpp"
#include "lib/scaigrid/runs/runs.hpp"
#include "lib/scaigrid/runs/store.hpp"
#include "lib/scir/answers.hpp"

namespace scaigrid::runs {

namespace db = scai::db;
namespace rows = checkpoints::store;
using scai::json::Value;

namespace {

scai::Error not_pending(const std::string& status) {
    return refusal(scai::ErrorKind::conflict, "CHECKPOINT_NOT_PENDING", "the checkpoint is " + status);
}

/// The row as it stands, `error` otherwise.
scai::Result<Value> row_of(Context& context, const std::string& tenant_id, const std::string& id) {
    auto reader = context.pool.read(db::Scope::tenant(tenant_id));
    const auto text = rows::find(reader, tenant_id, id);
    if (!text)
        return not_found("Checkpoint");
    return scai::json::parse(*text);
}

/// Locked and pending, then `work`; what it says, or why not.
scai::Status with_pending(Context& context, const std::string& tenant_id, const std::string& id,
                          const std::function<scai::Status(db::Tx&, const rows::Locked&)>& work) {
    return db::in_tx(context.pool, db::Scope::tenant(tenant_id), [&](db::Tx& tx) -> scai::Status {
        const auto row = rows::lock(tx, tenant_id, id);
        if (!row)
            return not_found("Checkpoint");
        if (row->status != "pending")
            return not_pending(row->status);
        return work(tx, *row);
    });
}

/// The run may go on with that; a request that still waits in a queue is taken off it.
void answer(db::Tx& tx, const std::string& tenant_id, const std::string& checkpoint_id,
            const rows::Locked& row, const scai::scir::Outcome& outcome, const std::string& by) {
    if (row.request.get("hitl_target").present())
        queues::withdraw(tx, tenant_id, checkpoint_id, {.id = by, .type = "user"});
    store::add_answer(tx, tenant_id, row.execution_id, row.path, outcome);
    store::wake(tx, tenant_id, row.execution_id);
}

} // namespace

scai::Result<Value> resolve(Context& context, const std::string& tenant_id, const std::string& checkpoint_id,
                            const Value& resolution, const std::string& resolved_by) {
    const Value given = resolution.present() ? resolution : Value(nullptr);
    std::string execution_id;
    const auto done = with_pending(
        context, tenant_id, checkpoint_id, [&](db::Tx& tx, const rows::Locked& row) -> scai::Status {
            if (const auto problem = scai::scir::resolution_problem(row.request, given))
                return bad_field("body.resolution", *problem);
            rows::settle(tx, tenant_id, checkpoint_id, "resolved", given, resolved_by);
            answer(tx, tenant_id, checkpoint_id, row,
                   scai::scir::answered(scai::scir::resolution_value(row.request, given)), resolved_by);
            execution_id = row.execution_id;
            return scai::Done{};
        });
    if (!done)
        return done.error();
    take_up(context, tenant_id, execution_id);
    return row_of(context, tenant_id, checkpoint_id);
}

scai::Result<Value> cancel(Context& context, const std::string& tenant_id, const std::string& checkpoint_id,
                           const std::string& by) {
    std::string execution_id;
    const auto done = with_pending(
        context, tenant_id, checkpoint_id, [&](db::Tx& tx, const rows::Locked& row) -> scai::Status {
            rows::settle(tx, tenant_id, checkpoint_id, "cancelled", {}, by);
            answer(tx, tenant_id, checkpoint_id, row,
                   scai::scir::failed("checkpoint_cancelled", "the checkpoint was cancelled"), by);
            execution_id = row.execution_id;
            return scai::Done{};
        });
    if (!done)
        return done.error();
    take_up(context, tenant_id, execution_id);
    return row_of(context, tenant_id, checkpoint_id);
}

scai::Result<Value> reassign(Context& context, const std::string& tenant_id, const std::string& checkpoint_id,
                             const std::string& assignee) {
    const auto to = checkpoints::assignee_of(assignee);
    if (to.type == "unrouted")
        return bad_field("body.assignee", "user:<e-mail or id>, group:<id> or role:<role>");
    const auto done =
        with_pending(context, tenant_id, checkpoint_id, [&](db::Tx& tx, const rows::Locked&) -> scai::Status {
            rows::reassign(tx, tenant_id, checkpoint_id, to);
            return scai::Done{};
        });
    if (!done)
        return done.error();
    return row_of(context, tenant_id, checkpoint_id);
}

std::string expire(Context& context, const std::string& tenant_id, const std::string& checkpoint_id) {
    std::string execution_id;
    const std::string what =
        db::in_tx(context.pool, db::Scope::tenant(tenant_id), [&](db::Tx& tx) -> std::string {
            const auto due = rows::lock_due(tx, tenant_id, checkpoint_id);
            if (!due)
                return "";
            if (due->escalation_target) {
                rows::escalate(tx, tenant_id, checkpoint_id,
                               checkpoints::assignee_of(due->escalation_target));
                return "escalated";
            }
            rows::settle(tx, tenant_id, checkpoint_id, "expired", {}, std::nullopt);
            answer(tx, tenant_id, checkpoint_id, due->row,
                   scai::scir::failed("timeout", "nobody answered in time"), "system");
            execution_id = due->row.execution_id;
            return "expired";
        });
    if (!execution_id.empty())
        take_up(context, tenant_id, execution_id);
    return what;
}

} // namespace scaigrid::runs
