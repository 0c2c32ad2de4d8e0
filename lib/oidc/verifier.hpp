// Verifier: access token in, claims or a sayable reason out. contract scaikey.md 7.
// Keys come through KeyCache: shared between processes by a store, refetched for an unknown kid single-flight
// with a cooldown, served stale when the provider is down (stale_limit), so a key rotation costs no failed
// request. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/jose/jose.hpp"
#include "lib/oidc/provider.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scai::oidc {

/// Where processes share a fetched JWKS (a database row in the products; memory in tests). Thread-safe.
class KeyStore {
public:
    struct Row {
        std::string document;   ///< "" when never fetched
        UtcTime fetched_at{};   ///< when `document` came
        UtcTime attempted_at{}; ///< last try, good or bad
    };
    virtual ~KeyStore() = default;
    virtual std::optional<Row> load(const std::string& url) = 0;
    /// Claims the right to fetch: true for one caller until `cooldown` after the last attempt, over all
    /// processes. KeyCache claims the URL itself for an unknown kid and URL + "#age" for a scheduled refresh,
    /// so that the latter never delays the answer to a key rotation.
    virtual bool claim(const std::string& url, UtcTime now, std::chrono::seconds cooldown) = 0;
    virtual void save(const std::string& url, const std::string& document, UtcTime now) = 0;
};

std::unique_ptr<KeyStore> make_memory_key_store();

struct KeyPolicy {
    std::chrono::seconds max_age{3600};
    std::chrono::seconds cooldown{30};       ///< between fetches for an unknown kid
    std::chrono::seconds stale_limit{86400}; ///< older keys are not used even when the provider is down
    /// How long a request waits for keys that another thread or process is just fetching.
    std::chrono::milliseconds patience{3000};
};

class KeyCache {
public:
    KeyCache(Provider& provider, http::Client& client, KeyStore& store, const Clock& clock,
             KeyPolicy policy = {});
    ~KeyCache();
    /// Keys that can judge this header; refetches when the kid is unknown. unavailable "jwks_unavailable"
    /// when there is no usable set at all. A set without the kid is returned as it is: the signature check
    /// then fails.
    Result<std::shared_ptr<const jose::KeySet>> keys_for(const jose::Header& header);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

struct Expectations {
    std::vector<std::string> audiences; ///< any one must be in `aud`
    std::chrono::seconds leeway{60};
};

struct Claims {
    std::string subject, tenant_id, client_id, email, name, issuer, role;
    std::vector<std::string> scopes, roles, permissions, groups, audiences;
    bool service = false; ///< token_type == client_credentials or sub == client_id
    UtcTime expires_at{};
    json::Value raw;
};

/// Every refusal is unauthenticated, message "invalid token: <what was wrong>"; a wrong audience says exactly
/// "invalid token: Audience doesn't match" (seed 001). Order: form, alg, key, signature, exp, nbf/iat, iss,
/// aud, sub, tenant.
class Verifier {
public:
    Verifier(Provider& provider, KeyCache& keys, const Clock& clock, Expectations expectations);
    ~Verifier();
    /// Verdicts (good ones) are cached by SHA-256 of the token for at most 60 s and never past exp.
    /// Thread-safe.
    Result<std::shared_ptr<const Claims>> verify(std::string_view token);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The pure part, for tests and other issuers: claims of an already verified token. `issuers` are accepted as
/// they are; base + "/tenants/" + tenant_id is accepted when `base` is in the list.
Result<Claims> check_claims(const json::Value& claims, const std::vector<std::string>& issuers,
                            const Expectations& expectations, UtcTime now);

} // namespace scai::oidc
