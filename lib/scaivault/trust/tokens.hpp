// Tokens of ScaiVault's own: signed with a key that lies sealed in the database, believed by every process.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"
#include "lib/scaivault/seal/keyring.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace scaivault::trust {

/// By the kid of its header, before anything is verified.
bool looks_ours(std::string_view token);

/// Signs `claims`; makes the first key, and a new one every 30 days. encryption_unavailable.
scai::Result<std::string> sign(scai::db::Pool& pool, seal::Keyring& keyring, const scai::json::Value& claims);

/// Thread-safe. Good verdicts are believed for a minute, so a trust that is taken back ends its tokens within
/// one.
class Verifier {
public:
    Verifier(scai::db::Pool& pool, const scai::Clock& clock, std::string issuer);
    ~Verifier();
    /// Claims; unauthenticated token_expired, token_invalid, token_revoked (the trust is gone).
    scai::Result<scai::json::Value> verify(std::string_view token);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace scaivault::trust
