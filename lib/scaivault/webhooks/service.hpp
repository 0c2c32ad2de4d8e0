// Webhooks: what endpoints do with them. What takes a Tx belongs to the caller's transaction; secrets are
// sealed before it begins, because a key may have to be read. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/webhooks/wire.hpp"
#include "lib/scaivault/webhooks/store.hpp"

namespace scaivault::webhooks {

scai::Error webhook_not_found(std::string_view id);
std::string new_webhook_id();

/// encryption_unavailable.
scai::Result<SealedSecret> seal_secret(seal::Keyring& keyring, const Caller& caller,
                                       std::string_view webhook_id, std::string_view secret,
                                       scai::UtcTime now);

Webhook create(scai::db::Tx& tx, const Caller& caller, std::string id, const New& wanted,
               const SealedSecret& secret, std::string_view subscription_id = "");
/// `secret` only with wanted.secret.
scai::Result<Webhook> change(scai::db::Tx& tx, const Caller& caller, std::string_view id,
                             const Changes& wanted, const std::optional<SealedSecret>& secret);
scai::Result<Details> details(scai::db::Pool& pool, const Caller& caller, std::string_view id);

/// A test event and its delivery, begun: the caller sends it.
scai::Result<Claim> begin_test(scai::db::Pool& pool, const Caller& caller, std::string_view id);
/// Due again at once; a delivery that is due anyway stays as it is.
scai::Result<Delivery> retry(scai::db::Tx& tx, const Caller& caller, std::string_view id,
                             std::string_view delivery_id);

} // namespace scaivault::webhooks
