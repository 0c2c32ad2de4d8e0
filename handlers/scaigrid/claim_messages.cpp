// POST .../queues/{queue_id}/claim: each message with the claim_id that proves who holds it.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaigrid/queues/messages.hpp"

namespace scaigrid {

Result<Response> claim_messages(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object(true));
    scai::json::Fields fields(body, "");
    const auto caller = queue_caller(request);
    queues::ClaimRequest wanted;
    wanted.scope = request.param("scope_id");
    wanted.queue = request.param("queue_id");
    wanted.batch_size = fields.optional_integer("batch_size", {1, 100}).value_or(1);
    wanted.consumer = fields.optional_text("consumer", {.max = 128}).value_or("");
    wanted.visibility_timeout_s = fields.optional_integer("visibility_timeout_s", {1, 43200});
    wanted.by = caller.actor;
    if (auto error = fields.error())
        return *error;
    SCAI_TRY(const auto claimed,
             scai::db::in_tx(context.pool, scai::db::Scope::tenant(caller.tenant_id),
                             [&](scai::db::Tx& tx) { return queues::claim(tx, caller.tenant_id, wanted); }));
    return ok(request, scai::json::Value::array_of(claimed));
}

} // namespace scaigrid
