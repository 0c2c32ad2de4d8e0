// OpenID Connect endpoints (contract scaikey.md 4, 5). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers.hpp"
#include "handlers/scaikey/handlers_oauth.hpp"

#include <array>

namespace scaikey {

using scai::web::Access;
using scai::web::no_body;
using scai::web::Route;
using scai::web::small_body;

namespace {

constexpr std::array oauth_table{
    Route<Context>{"GET", "/v1/platform/oauth/.well-known/openid-configuration", Access::open(), no_body,
                   get_discovery},
    Route<Context>{"GET", "/v1/platform/.well-known/jwks.json", Access::open(), no_body, get_jwks},
    Route<Context>{"GET", "/v1/platform/oauth/authorize", Access::open(), no_body, get_authorize},
    Route<Context>{"POST", "/v1/platform/oauth/authorize", Access::open(), small_body, post_authorize},
    Route<Context>{"POST", "/v1/platform/oauth/token", Access::open(), small_body, post_token},
    Route<Context>{"GET", "/v1/platform/oauth/userinfo", Access::authenticated(), no_body, get_userinfo},
    Route<Context>{"POST", "/v1/platform/oauth/userinfo", Access::authenticated(), small_body, get_userinfo},
    Route<Context>{"OPTIONS", "/v1/platform/oauth/userinfo", Access::open(), no_body, options_userinfo},
    Route<Context>{"POST", "/v1/platform/oauth/introspect", Access::open(), small_body, post_introspect},
    Route<Context>{"POST", "/v1/platform/oauth/revoke", Access::open(), small_body, post_revoke},
    Route<Context>{"GET", "/v1/platform/oauth/logout", Access::open(), no_body, get_logout},
    Route<Context>{"POST", "/v1/platform/oauth/logout", Access::open(), small_body, post_logout},

    Route<Context>{"GET", "/v1/auth/tenants/{slug}/.well-known/openid-configuration", Access::open(), no_body,
                   get_discovery},
    Route<Context>{"GET", "/v1/auth/tenants/{slug}/.well-known/jwks.json", Access::open(), no_body, get_jwks},
    Route<Context>{"GET", "/v1/auth/tenants/{slug}/oauth/authorize", Access::open(), no_body, get_authorize},
    Route<Context>{"POST", "/v1/auth/tenants/{slug}/oauth/authorize", Access::open(), small_body,
                   post_authorize},
    Route<Context>{"POST", "/v1/auth/tenants/{slug}/oauth/token", Access::open(), small_body, post_token},
    Route<Context>{"GET", "/v1/auth/tenants/{slug}/oauth/userinfo", Access::authenticated(), no_body,
                   get_userinfo},
    Route<Context>{"POST", "/v1/auth/tenants/{slug}/oauth/userinfo", Access::authenticated(), small_body,
                   get_userinfo},
    Route<Context>{"OPTIONS", "/v1/auth/tenants/{slug}/oauth/userinfo", Access::open(), no_body,
                   options_userinfo},
    Route<Context>{"POST", "/v1/auth/tenants/{slug}/oauth/introspect", Access::open(), small_body,
                   post_introspect},
    Route<Context>{"POST", "/v1/auth/tenants/{slug}/oauth/revoke", Access::open(), small_body, post_revoke},
    Route<Context>{"GET", "/v1/auth/tenants/{slug}/oauth/logout", Access::open(), no_body, get_logout},
    Route<Context>{"POST", "/v1/auth/tenants/{slug}/oauth/logout", Access::open(), small_body, post_logout},
};

} // namespace

std::vector<scai::web::ErasedRoute> oauth_routes(Context& context) {
    return scai::web::bind_routes<Context>(oauth_table, context);
}

} // namespace scaikey
