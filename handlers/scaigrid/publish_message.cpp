// POST .../queues/{queue_id}/messages. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"
#include "lib/scaigrid/queues/messages.hpp"
#include "lib/scaigrid/queues/rules.hpp"

namespace scaigrid {

Result<Response> publish_message(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(auto message, queues::decode_publication(body));
    const auto caller = queue_caller(request);
    message.scope = request.param("scope_id");
    message.queue = request.param("queue_id");
    message.by = caller.actor;
    SCAI_TRY(auto stored, scai::db::in_tx(context.pool, scai::db::Scope::tenant(caller.tenant_id),
                                          [&](scai::db::Tx& tx) -> Result<scai::json::Value> {
                                              SCAI_TRY(const auto id,
                                                       queues::publish(tx, caller.tenant_id, message));
                                              return queues::show(tx, caller.tenant_id, id);
                                          }));
    return ok(request, std::move(stored), 201);
}

} // namespace scaigrid
