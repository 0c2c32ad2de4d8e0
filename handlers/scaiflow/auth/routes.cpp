// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/auth/handlers.hpp"

namespace scaiflow::auth_api {

using scai::web::Access;
using scai::web::no_body;
using scai::web::small_body;

namespace {

constexpr scai::web::Route<Context> table[] = {
    {"GET", "/v1/auth/config", Access::open(), no_body, get_config},
    {"POST", "/v1/auth/exchange", Access::open(), small_body, post_exchange},
    {"POST", "/v1/auth/refresh", Access::open(), small_body, post_refresh},
    {"GET", "/v1/me", Access::authenticated(), no_body, get_me},
};

} // namespace

std::span<const scai::web::Route<Context>> routes() {
    return table;
}

} // namespace scaiflow::auth_api
