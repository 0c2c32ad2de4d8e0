// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/tenants/handlers.hpp"

namespace scaiflow::tenants_api {

using scai::web::Access;
using scai::web::no_body;
using scai::web::small_body;

namespace {

constexpr auto member = Access::authenticated();
constexpr auto admin = Access::role("tenant_admin");

constexpr scai::web::Route<Context> table[] = {
    {"GET", "/v1/tenants/me/scaigrid_credentials", member, no_body, get_credentials},
    {"POST", "/v1/tenants/me/scaigrid_credentials", admin, small_body, set_credentials},
    // Not in the documentation: a key that leaked, or a tenant that leaves, has to be got rid of.
    {"DELETE", "/v1/tenants/me/scaigrid_credentials", admin, no_body, delete_credentials},
    {"POST", "/v1/tenants/me/scaigrid_credentials/test", admin, small_body, test_credentials},
};

} // namespace

std::span<const scai::web::Route<Context>> routes() {
    return table;
}

} // namespace scaiflow::tenants_api
