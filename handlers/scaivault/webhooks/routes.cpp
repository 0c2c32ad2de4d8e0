// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/webhooks/handlers.hpp"

#include <array>

namespace scaivault::webhooks_api {

using scai::web::Access;
using scai::web::no_body;
using scai::web::small_body;

namespace {

constexpr auto admin = Access::permission("admin");

constexpr std::array endpoints{
    Endpoint{{"GET", "/v1/webhooks", admin, no_body, list_webhooks}, "webhook_ops", "webhook_list"},
    Endpoint{{"POST", "/v1/webhooks", admin, small_body, create_webhook},
             "webhook_ops",
             "webhook_create",
             "name url secret events filters enabled"},
    Endpoint{{"GET", "/v1/webhooks/{id}", admin, no_body, get_webhook}, "webhook_ops", "webhook_read"},
    Endpoint{{"PATCH", "/v1/webhooks/{id}", admin, small_body, update_webhook},
             "webhook_ops",
             "webhook_update",
             "name url secret previous_secret_ttl events filters enabled"},
    Endpoint{
        {"DELETE", "/v1/webhooks/{id}", admin, no_body, delete_webhook}, "webhook_ops", "webhook_delete"},
    Endpoint{{"POST", "/v1/webhooks/{id}/test", admin, small_body, test_webhook},
             "webhook_ops",
             "webhook_delivery"},
    Endpoint{{"GET", "/v1/webhooks/{id}/deliveries", admin, no_body, list_deliveries},
             "webhook_ops",
             "webhook_read"},
    Endpoint{{"GET", "/v1/webhooks/{id}/deliveries/{delivery_id}", admin, no_body, get_delivery},
             "webhook_ops",
             "webhook_read"},
    Endpoint{{"POST", "/v1/webhooks/{id}/deliveries/{delivery_id}/retry", admin, small_body, retry_delivery},
             "webhook_ops",
             "webhook_delivery"},
};

} // namespace

std::span<const Endpoint> routes() {
    return endpoints;
}

} // namespace scaivault::webhooks_api
