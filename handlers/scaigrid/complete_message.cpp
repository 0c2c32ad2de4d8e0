// POST .../messages/{message_id}/complete. The answer to a form resolves its checkpoint too.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"
#include "handlers/scaigrid/held_message.hpp"
#include "lib/scaigrid/queues/hitl.hpp"
#include "lib/scaigrid/runs/runs.hpp"

namespace scaigrid {

Result<Response> complete_message(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object(true));
    SCAI_TRY(const auto call, HeldMessage::read(request, body));
    SCAI_TRY(auto done, call.in_tx(context, [&](scai::db::Tx& tx) {
        return queues::complete(tx, call.tenant, call.held, body.get("result"));
    }));
    if (done.checkpoint_id) {
        const queues::Resume owed{call.tenant, call.held.message, *done.checkpoint_id, call.held.by.id,
                                  done.resolution};
        done.message.set("checkpoint",
                         queues::resume(context.pool, owed,
                                        [&](const std::string& tenant, const std::string& checkpoint,
                                            const scai::json::Value& resolution, const std::string& by) {
                                            return runs::resolve(context, tenant, checkpoint, resolution, by);
                                        }));
    }
    return ok(request, std::move(done.message));
}

} // namespace scaigrid
