// Authenticator: a bearer token in, what it says or the 401 of the catalogue out. JWTs of ScaiKey are
// verified here, opaque skt_ tokens by ScaiKey. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/config/settings.hpp"
#include "lib/db/db.hpp"
#include "lib/http/client.hpp"
#include "lib/oidc/verifier.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault {

/// What a verified token says.
struct Credential {
    std::string subject;   ///< user id, or the service account's name: "batcher"
    std::string tenant_id; ///< "" for a service of all tenants
    std::string partner_id, client_id, email, name;
    std::vector<std::string> scopes;
    bool service = false;
    /// Of a service without tenant: what ScaiKey lets it reach.
    enum class Reach { tenant, partner, everything } reach = Reach::tenant;
    std::optional<scai::UtcTime> mfa_verified_at, issued_at;
    scai::UtcTime expires_at{};
    /// Of an exchanged token: the globs it was narrowed to; empty = all.
    std::vector<std::string> allowed_paths;
};

/// The token of "Bearer <token>"; "" when there is none.
std::string_view bearer_token(std::string_view authorization_header);

/// "usr_1", "tnt_demo": what may be the id of a tenant, a partner or an identity. Anything else could be
/// mistaken for something of ours ("*", "partner/x").
bool sane_id(std::string_view id);

/// Thread-safe.
class Authenticator {
public:
    struct Parts {
        scai::http::Client& http;
        const scai::Clock& clock;
        scai::oidc::Provider& provider;
        scai::oidc::Verifier& verifier;
        std::vector<std::string> audiences;
        scai::db::Pool& pool;
        std::string issuer; ///< of exchanged tokens
    };
    explicit Authenticator(Parts parts);
    ~Authenticator();

    /// unauthenticated token_expired, token_invalid, token_revoked; unavailable service_unavailable when
    /// ScaiKey is needed and cannot be asked.
    scai::Result<std::shared_ptr<const Credential>> identify(std::string_view token);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace scaivault
