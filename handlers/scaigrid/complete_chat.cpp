// POST /v1/chat/completions and /oai/v1/chat/completions: as OpenAI has it, with `stream` as server-sent
// events. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_chat.hpp"
#include "lib/scaigrid/chat/chat.hpp"

namespace scaigrid {

Result<Response> complete_chat(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(const auto ask, chat::decode(body));
    SCAI_TRY(const auto completion, chat::complete(context, request.principal, ask));
    const auto created = scai::unix_seconds(context.clock->now());
    if (ask.stream)
        return Response::text(chat::openai_stream(completion, created), "text/event-stream");
    return Response::json(chat::openai_view(completion, created));
}

} // namespace scaigrid
