// Health, the caller, keys, users, faults of tests (contract scaigrid.md 1, 9, 12). SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaigrid/handlers.hpp"
#include "handlers/scaigrid/handlers_platform.hpp"

#include <array>

namespace scaigrid {

using scai::web::Access;
using scai::web::no_body;
using scai::web::Route;
using scai::web::small_body;

namespace {

constexpr Access manages_keys = Access::permission("api_keys:manage");
constexpr Access manages_users = Access::permission("users:manage");

// clang-format off
constexpr std::array platform_table{
    Route<Context>{"GET",    "/health",                  Access::open(),          no_body,    get_health},
    Route<Context>{"GET",    "/v1/health",               Access::open(),          no_body,    get_health},
    Route<Context>{"GET",    "/v1/health/ready",         Access::open(),          no_body,    get_ready},
    Route<Context>{"GET",    "/metrics",                 Access::open(),          no_body,    get_metrics},
    Route<Context>{"GET",    "/v1/me",                   Access::authenticated(), no_body,    get_me},
    Route<Context>{"GET",    "/v1/auth/me",              Access::authenticated(), no_body,    get_me},

    Route<Context>{"GET",    "/v1/api-keys",             Access::authenticated(), no_body,    list_api_keys},
    Route<Context>{"POST",   "/v1/api-keys",             manages_keys,            small_body, create_api_key},
    Route<Context>{"DELETE", "/v1/api-keys/{key_id}",    manages_keys,            no_body,    revoke_api_key},

    Route<Context>{"GET",    "/v1/users",                manages_users,           no_body,    list_users},
    Route<Context>{"GET",    "/v1/users/{user_id}",      Access::authenticated(), no_body,    get_user},
    Route<Context>{"PUT",    "/v1/users/{user_id}/roles", manages_users,          small_body, set_user_roles},
    Route<Context>{"GET",    "/v1/users/{user_id}/module-permissions", manages_users, no_body, get_module_permissions},
    Route<Context>{"PUT",    "/v1/users/{user_id}/module-permissions", manages_users, small_body, set_module_permissions},

    // 404 unless SCAIGRID_TEST_FAULTS is set.
    Route<Context>{"GET",    "/v1/test/faults",          Access::open(),          no_body,    list_faults},
    Route<Context>{"POST",   "/v1/test/faults",          Access::open(),          small_body, add_fault},
    Route<Context>{"PUT",    "/v1/test/faults",          Access::open(),          small_body, set_faults},
    Route<Context>{"DELETE", "/v1/test/faults",          Access::open(),          no_body,    clear_faults},
    Route<Context>{"DELETE", "/v1/test/faults/{fault_id}", Access::open(),        no_body,    delete_fault},
};
// clang-format on

} // namespace

std::vector<scai::web::ErasedRoute> platform_routes(Context& context) {
    return scai::web::bind_routes<Context>(platform_table, context);
}

} // namespace scaigrid
