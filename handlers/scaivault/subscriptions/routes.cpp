// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/subscriptions/handlers.hpp"

#include <array>

namespace scaivault::subscriptions_api {

using scai::web::Access;
using scai::web::no_body;
using scai::web::small_body;

namespace {

constexpr auto may_read = Access::permission("subscriptions:read");
constexpr auto may_write = Access::permission("subscriptions:write");

constexpr std::array endpoints{
    Endpoint{{"GET", "/v1/subscriptions", may_read, no_body, list_subscriptions},
             "subscription_ops",
             "subscription_list"},
    Endpoint{{"POST", "/v1/subscriptions", may_write, small_body, create_subscription},
             "subscription_ops",
             "subscription_create",
             "name paths events delivery filters"},
    Endpoint{{"GET", "/v1/subscriptions/{id}", may_read, no_body, get_subscription},
             "subscription_ops",
             "subscription_read"},
    Endpoint{{"PATCH", "/v1/subscriptions/{id}", may_write, small_body, update_subscription},
             "subscription_ops",
             "subscription_update",
             "name paths events delivery filters"},
    Endpoint{{"DELETE", "/v1/subscriptions/{id}", may_write, no_body, delete_subscription},
             "subscription_ops",
             "subscription_delete"},
    Endpoint{{"GET", "/v1/subscriptions/{id}/poll", may_read, no_body, poll_events},
             "subscription_poll",
             "subscription_event"},
    Endpoint{{"POST", "/v1/subscriptions/{id}/ack", may_read, small_body, ack_events},
             "subscription_ops",
             "subscription_event",
             "event_ids"},
};

} // namespace

std::span<const Endpoint> routes() {
    return endpoints;
}

} // namespace scaivault::subscriptions_api
