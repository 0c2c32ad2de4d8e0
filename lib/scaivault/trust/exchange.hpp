// Token exchange (RFC 8693): the token of a workload elsewhere becomes one of ScaiVault.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/app/context.hpp"
#include "lib/scaivault/trust/model.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scaivault::trust {

struct Wanted {
    std::string subject_token;
    std::string role;      ///< "sa:deployer", "" = the only one that fits
    std::string tenant_id; ///< "" = the only one that fits
    std::optional<std::vector<std::string>> scopes;
    std::vector<std::string> allowed_paths; ///< narrows what the trust allows
};

struct Issued {
    std::string token;
    Trust trust;
    std::string subject; ///< of the foreign token
    std::vector<std::string> scopes;
    std::chrono::seconds lifetime{};
};

/// Keys of foreign issuers, kept. Thread-safe.
class Issuers {
public:
    /// Issuers and key sets at addresses that are not public are not asked, unless `private_too`.
    Issuers(scai::http::Client& http, scai::oidc::KeyStore& store, const scai::Clock& clock,
            bool private_too);
    ~Issuers();
    scai::Result<std::shared_ptr<const scai::jose::KeySet>> keys_of(const Trust& trust,
                                                                    const scai::jose::Header& header);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// token_invalid, token_expired, access_denied (nothing fits), invalid_request (several fit),
/// service_unavailable.
scai::Result<Issued> exchange(Context& context, Issuers& issuers, const Wanted& wanted);

} // namespace scaivault::trust
