// POST .../messages/{message_id}/fail: again later, or to _dead_letter. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"
#include "handlers/scaigrid/held_message.hpp"
#include "lib/json/decode.hpp"

namespace scaigrid {

Result<Response> fail_message(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object(true));
    SCAI_TRY(const auto call, HeldMessage::read(request, body));
    scai::json::Fields fields(body, "");
    const auto reason = fields.optional_text("reason", {.min = 0, .max = 4096}).value_or("");
    const bool retry = fields.optional_boolean("retry").value_or(true);
    if (auto error = fields.error())
        return *error;
    SCAI_TRY(auto message, call.in_tx(context, [&](scai::db::Tx& tx) {
        return queues::fail(tx, call.tenant, call.held, reason, retry);
    }));
    return ok(request, std::move(message));
}

} // namespace scaigrid
