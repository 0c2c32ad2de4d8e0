// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/held_message.hpp"

#include "lib/json/decode.hpp"

namespace scaigrid {

Result<HeldMessage> HeldMessage::read(const Request& request, const scai::json::Value& body) {
    scai::json::Fields fields(body, "");
    auto caller = queue_caller(request);
    HeldMessage out;
    out.tenant = std::move(caller.tenant_id);
    out.held.scope = request.param("scope_id");
    out.held.queue = request.param("queue_id");
    out.held.message = request.param("message_id");
    out.held.claim_id = fields.optional_text("claim_id", {.max = 128});
    out.held.by = std::move(caller.actor);
    if (auto error = fields.error())
        return *error;
    return out;
}

} // namespace scaigrid
