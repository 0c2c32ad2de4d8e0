// One row of a group's table: the route, the bucket it draws from and what the audit trail calls it.
//   {{"GET", "/v1/secrets/{path...}", Access::permission("secrets:read"), no_body, read_secret},
//   "secrets_read", "read"}
// Access::permission names a token scope (contract scaivault.md 1.0). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/web/http.hpp"

#include <string_view>

namespace scaivault {

struct Context;

inline constexpr std::string_view any_members = "*";

struct Endpoint {
    scai::web::Route<Context> route;
    std::string_view category; ///< of contract scaivault.md 8.2; "" = not limited
    std::string_view
        action; ///< of the audit row; "" = no row: health, metrics, version, POST /v1/policies/test
    /// Top-level members its body may have, with blanks between; another one is refused by name. "" = none;
    /// any_members: the endpoint looks itself, or others decide what is in it.
    std::string_view members = {};
    /// Answered while the database is away, too: to whoever is remembered and to service accounts, whose
    /// scopes are in the token. Then without a row.
    bool without_database = false;
};

} // namespace scaivault
