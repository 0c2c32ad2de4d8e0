// POST .../messages/{message_id}/release: somebody else may have it. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"
#include "handlers/scaigrid/held_message.hpp"
#include "lib/json/decode.hpp"

namespace scaigrid {

Result<Response> release_message(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object(true));
    SCAI_TRY(const auto call, HeldMessage::read(request, body));
    scai::json::Fields fields(body, "");
    const auto delay = fields.optional_integer("delay_seconds", {0, 86400}).value_or(0);
    if (auto error = fields.error())
        return *error;
    SCAI_TRY(auto message, call.in_tx(context, [&](scai::db::Tx& tx) {
        return queues::release(tx, call.tenant, call.held, delay);
    }));
    return ok(request, std::move(message));
}

} // namespace scaigrid
