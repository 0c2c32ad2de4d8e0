// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/webhooks/handlers.hpp"

namespace scaiflow::webhooks_api {

using scai::web::Access;

namespace {

constexpr std::size_t event_body = 1U << 20U; // a user may carry many attributes

constexpr scai::web::Route<Context> table[] = {
    {"POST", "/v1/webhooks/scaikey", Access::signature(), event_body, receive_event},
};

} // namespace

std::span<const scai::web::Route<Context>> routes() {
    return table;
}

} // namespace scaiflow::webhooks_api
