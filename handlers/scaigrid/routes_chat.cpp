// Chats with models (contract scaigrid.md 8). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers.hpp"
#include "handlers/scaigrid/handlers_chat.hpp"

#include <array>

namespace scaigrid {

using scai::web::Access;
using scai::web::Route;

namespace {

constexpr Access uses = Access::permission("models:use");
constexpr std::size_t chat_body = 4U << 20U;

constexpr std::array chat_table{
    Route<Context>{"POST", "/v1/inference/chat", uses, chat_body, infer_chat},
    Route<Context>{"POST", "/v1/chat/completions", uses, chat_body, complete_chat},
    Route<Context>{"POST", "/oai/v1/chat/completions", uses, chat_body, complete_chat},
};

} // namespace

std::vector<scai::web::ErasedRoute> chat_routes(Context& context) {
    return scai::web::bind_routes<Context>(chat_table, context);
}

} // namespace scaigrid
