// Which credential a call to ScaiGrid carries (contract scaiflow-api.md 2.9, 8.1; scaigrid.md 1): the
// caller's token, else the tenant's key from ScaiVault, else SCAIGRID_API_KEY; SCAIFLOW_DEPLOY_AUTH pins it.
// A user's token goes to SCAIGRID_BASE_URL and SCAIGRID_TOKEN_URLS only, never to a URL a tenant chose.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/base/secret.hpp"
#include "lib/web/http.hpp"

#include <string>
#include <string_view>

namespace scaiflow {
struct Context;
} // namespace scaiflow

namespace scaiflow::grid {

struct Credential {
    enum class Kind { user_token, tenant_key, server_key } kind = Kind::user_token;
    scai::SecretText bearer;
    std::string base_url; ///< the tenant's, else SCAIGRID_BASE_URL; no trailing slash
    /// Somebody of the tenant chose the URL: requests go to public addresses only
    /// (http::Request::public_only).
    bool public_only = false;
};
/// What fails together, for CircuitBreaker.
std::string circuit_of(const scai::web::Request& request, const Credential& credential);
std::string_view name_of(Credential::Kind kind); ///< "user_token", "tenant_key", "server_key"

/// Of the caller of a request that the gate let in. precondition_failed with `missing` as code
/// ("missing_scaigrid_credentials" for deploy, "missing_credentials" elsewhere) and `fix`; unavailable
/// "scaivault_unavailable" when the tenant's key is needed and ScaiVault does not answer.
/// The tenant's base URL and key are remembered for a few seconds per process.
scai::Result<Credential> choose(Context& context, const scai::web::Request& request,
                                std::string_view missing);

/// Without a caller: jobs and dev deploys.
scai::Result<Credential> choose_for_tenant(Context& context, const std::string& tenant_id,
                                           std::string_view missing);

} // namespace scaiflow::grid
