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
             "token_introspect"},
};

} // namespace

std::span<const Endpoint> routes() {
    return endpoints;
}

} // namespace scaivault::auth_api
