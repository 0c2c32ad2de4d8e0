// Chat with a model (contract scaigrid.md 5.3, 8). A published Core answers by a run: the last user text is
// input.message, all messages are input.messages, `response` of its output is the answer. Any other model is
// asked of the provider. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"
#include "lib/scaigrid/llm/provider.hpp"
#include "lib/web/http.hpp"

#include <string>

namespace scaigrid {
struct Context;
} // namespace scaigrid

namespace scaigrid::chat {

struct Ask {
    std::string model, entity_id; ///< entity_id: the instance of an entity Core
    scai::json::Value messages, options;
    bool stream = false;
};
/// unprocessable, naming what is wrong with {model, messages [{role, content}], entity_id?, stream?,
/// max_tokens?, temperature?, ...}.
scai::Result<Ask> decode(const scai::json::Value& body);

struct Completion {
    std::string model;
    llm::Reply reply;
    scai::json::Value run; ///< {execution_id, status, checkpoint_id} of a Core's run; absent otherwise
};
/// not_found MODEL_NOT_FOUND, forbidden MODEL_ACCESS_DENIED; upstream BACKEND_ERROR when the Core's run
/// failed; conflict when it takes no calls; whatever the provider answers.
scai::Result<Completion> complete(Context& context, const scai::web::Principal& caller, const Ask& ask);

scai::json::Value native_view(const Completion& completion);
scai::json::Value openai_view(const Completion& completion, std::int64_t created);
/// The same as server-sent events: OpenAI's chunks, ended by [DONE].
std::string openai_stream(const Completion& completion, std::int64_t created);

} // namespace scaigrid::chat
