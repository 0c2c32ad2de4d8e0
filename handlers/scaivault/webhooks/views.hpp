// Webhooks and deliveries as they are shown; a secret never is. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/webhooks/store.hpp"

namespace scaivault::webhooks_api {

scai::json::Value webhook_view(const webhooks::Webhook& webhook);
scai::json::Value details_view(const webhooks::Details& details);
scai::json::Value delivery_view(const webhooks::Delivery& delivery);

} // namespace scaivault::webhooks_api
