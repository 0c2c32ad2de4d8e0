// What the OAuth endpoints know: plain values, no rules.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaikey::oauth {

using Params = std::map<std::string, std::string, std::less<>>;
/// "" when it is not there.
std::string value_of(const Params& params, std::string_view name);
using Scopes = std::vector<std::string>;

/// An application as an OAuth client. contract scaikey.md 3
struct Client {
    std::string id, client_id, name;
    std::string type;  ///< WEB, SERVICE, SPA, NATIVE
    std::string reach; ///< GLOBAL, PARTNER, TENANT (the wire calls it "scope")
    std::string tenant_id, partner_id, secret_hash;
    std::vector<std::string> redirect_uris, post_logout_redirect_uris, allowed_origins;
    Scopes allowed_scopes;
    std::string signing_algorithm; ///< "" = the provider's default
    std::int64_t token_lifetime = 3600;

    bool confidential() const { return type == "WEB" || type == "SERVICE"; }
};

struct Tenant {
    std::string id = {}, slug = {}, name = {}, partner_id = {};
    bool active = false; ///< the tenant and its partner are
};

/// The two flavours of every endpoint: the platform, or one tenant addressed by its slug.
struct Realm {
    std::optional<Tenant> tenant;
};

struct User {
    std::string id, tenant_id, partner_id, tenant_name;
    std::string email, first_name, last_name, display_name;
    std::string role;          ///< "", tenant_admin, partner_admin, super_admin
    std::string password_hash; ///< "" = cannot sign in with a password
    bool active = false;       ///< user, tenant and partner all are
    std::vector<std::string> permissions;

    std::string name() const;
};

/// A browser that signed in.
struct Session {
    std::string id, user_id, tenant_id;
    std::int64_t auth_time = 0; ///< unix seconds
};

/// What a user allowed a client, from the code exchange to the last refresh token of the family.
struct Grant {
    std::string id, client_id, user_id, tenant_id, session_id, nonce;
    Scopes scopes;
    std::int64_t auth_time = 0;
};

} // namespace scaikey::oauth
