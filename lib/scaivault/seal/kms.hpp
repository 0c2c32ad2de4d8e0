// Key management services: they hold the root key and wrap partner keys with it; the root key itself never
// comes here (contract scaivault.md 8.5). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/base/secret.hpp"
#include "lib/config/settings.hpp"
#include "lib/http/client.hpp"
#include "lib/web/metrics.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace scaivault::seal {

/// Thread-safe. A failure to reach or to be let in is unavailable "encryption_unavailable"; a ciphertext that
/// does not open is bad_request "unwrap_failed". No error repeats key material or a provider's answer.
class Kms {
public:
    virtual ~Kms() = default;
    virtual std::string provider() const = 0; ///< local, pkcs11, hashicorp, aws
    /// The provider's name of the root key new generations are to use; stored with them, no secret.
    virtual scai::Result<std::string> reference() = 0;
    /// Whether the provider keeps several generations of a root key below one reference.
    virtual bool rotates_inside() const = 0;
    /// `reference` names the root key: an older one serves while the provider keeps it. `context` is bound to
    /// the ciphertext.
    virtual scai::Result<std::string> wrap(std::string_view reference, const scai::SecretText& key,
                                           std::string_view context) = 0;
    virtual scai::Result<scai::SecretText> unwrap(std::string_view reference, std::string_view wrapped,
                                                  std::string_view context) = 0;
    virtual scai::Status check() = 0; ///< one cheap call, for readiness
};

/// By KMS_PROVIDER. `local`: KMS_LOCAL_KEY_FILE, keys as lines "id base64", the last one is current; a file
/// others can read is refused, a missing one is made (0600) only when `may_create`. bad_request names the
/// setting that is missing; gcp and azure are "not built into this program".
scai::Result<std::unique_ptr<Kms>> make_kms(const scai::config::Settings& settings, scai::http::Client& http,
                                            bool may_create);
/// Observes scaivault_kms_latency_seconds{operation}: encrypt, decrypt, check.
std::unique_ptr<Kms> with_metrics(std::unique_ptr<Kms> kms, scai::web::Metrics& metrics);
/// Adds a new current key to the file of the local provider; the id of the key.
scai::Result<std::string> add_local_key(const std::string& file);

/// What every provider answers when it cannot do its work.
scai::Error kms_unavailable();
/// The same, and the cause goes to the log: a text of our own, never the provider's.
scai::Error kms_unavailable(std::string_view provider, std::string_view cause);
scai::Error unwrap_failed();

} // namespace scaivault::seal
