// A tenant's key and base URL of ScaiGrid in ScaiVault: two secrets, one pair. ScaiVault has no write of
// several secrets, so the pair is made whole by order and by name: the base URL is written first, then the
// key, which says what version of the base URL it belongs to; both carry the pair's id. Whoever reads starts
// from the key. Until the key is written the old pair is in force, whatever else was written, and whenever
// the writer died. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/vault/client.hpp"
#include "lib/scaiflow/vault/rules.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace scaiflow::vault {

struct Pair {
    scai::SecretText key;
    std::string base_url; ///< "" when the key was put there by hand without one
};

/// Thread-safe. What find() gave is remembered for seconds per process, and for minutes as long as ScaiVault
/// does not answer; get() always asks.
class TenantCredentials {
public:
    TenantCredentials(const scai::config::Settings& settings, scai::http::Client& http,
                      const scai::Clock& clock)
        : client_(settings, http, clock), clock_(clock) {}

    bool configured() const { return client_.configured(); }

    using Found = std::shared_ptr<const Pair>; ///< nullptr: the tenant has none. Shared by requests.
    scai::Result<Found> find(const std::string& tenant_id);
    scai::Result<Found> get(const std::string& tenant_id);

    /// One at a time per tenant: the caller sees to that. After an error the old pair is in force, or the new
    /// one when it was ScaiVault's answer to the last write that was lost; never a mix.
    scai::Status put(const std::string& tenant_id, const scai::SecretText& key, const std::string& base_url);
    /// False when there was no key.
    scai::Result<bool> remove(const std::string& tenant_id);

private:
    struct Entry {
        std::optional<Found> found; ///< of the last answer
        scai::UtcTime answered_at{}, asked_at{};
        std::optional<scai::Error> failure; ///< of the last question, when it had no answer
        bool asking = false;
        std::uint64_t changes = 0; ///< by this process: an answer from before one is not remembered
    };
    void forget(const std::string& tenant_id);

    Client client_;
    const scai::Clock& clock_;
    std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
};

} // namespace scaiflow::vault
