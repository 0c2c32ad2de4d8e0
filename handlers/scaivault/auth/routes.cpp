// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/auth/handlers.hpp"

#include <array>

namespace scaivault::auth_api {

using scai::web::Access;
using scai::web::no_body;
using scai::web::small_body;

namespace {

constexpr std::array endpoints{
    Endpoint{{"GET", "/v1/auth/whoami", Access::authenticated(), no_body, whoami}, "auth", "whoami"},
    Endpoint{{"POST", "/v1/auth/introspect", Access::permission("admin"), small_body, introspect},
             "auth",
             "token_introspect",
             "token token_type_hint"},
    Endpoint{{"POST", "/v1/auth/exchange", Access::open(), small_body, exchange_token},
             "auth",
             "token_exchange",
             any_members},
    Endpoint{
        {"GET", "/v1/auth/trust", Access::permission("admin"), no_body, list_trusts}, "auth", "trust_list"},
    Endpoint{{"POST", "/v1/auth/trust", Access::permission("admin"), small_body, create_trust},
             "auth",
             "trust_create",
             "name issuer jwks_url audience claims identity scopes allowed_paths max_ttl is_active"},
    Endpoint{{"DELETE", "/v1/auth/trust/{id}", Access::permission("admin"), no_body, delete_trust},
             "auth",
             "trust_delete"},
};

} // namespace

std::span<const Endpoint> routes() {
    return endpoints;
}

} // namespace scaivault::auth_api
