// The webhook behind a subscription that is delivered to one. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/subscriptions/service.hpp"
#include "lib/scaivault/webhooks/service.hpp"

namespace scaivault::subscriptions_api {

/// Without the secret.
webhooks::New receiver_of(const subscriptions::Subscription& subscription);
void update_receiver(scai::db::Tx& tx, std::string_view tenant_id, std::string_view webhook_id,
                     const subscriptions::Subscription& subscription,
                     const std::optional<webhooks::SealedSecret>& secret);

} // namespace scaivault::subscriptions_api
