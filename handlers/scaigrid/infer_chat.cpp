// POST /v1/inference/chat: the answer in ScaiGrid's own envelope. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_chat.hpp"
#include "lib/scaigrid/chat/chat.hpp"

namespace scaigrid {

Result<Response> infer_chat(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(const auto ask, chat::decode(body));
    if (ask.stream)
        return bad_field("body.stream", "is for /v1/chat/completions");
    SCAI_TRY(const auto completion, chat::complete(context, request.principal, ask));
    return ok(request, chat::native_view(completion));
}

} // namespace scaigrid
