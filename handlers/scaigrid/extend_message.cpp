// POST .../messages/{message_id}/extend: the claim holds for so many seconds from now.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"
#include "handlers/scaigrid/held_message.hpp"
#include "lib/json/decode.hpp"

namespace scaigrid {

Result<Response> extend_message(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(const auto call, HeldMessage::read(request, body));
    scai::json::Fields fields(body, "");
    const auto seconds = fields.optional_integer("seconds", {1, 43200});
    if (!fields.has("seconds"))
        fields.reject("seconds", "is required");
    if (auto error = fields.error())
        return *error;
    SCAI_TRY(auto message, call.in_tx(context, [&](scai::db::Tx& tx) {
        return queues::extend(tx, call.tenant, call.held, seconds.value_or(1));
    }));
    return ok(request, std::move(message));
}

} // namespace scaigrid
