// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"

namespace scaiflow::admin_api {

using scai::web::Access;
using scai::web::no_body;
using scai::web::small_body;

namespace {

constexpr auto super_admin = Access::role("super_admin");
constexpr auto tenant_admin = Access::role("tenant_admin");

constexpr scai::web::Route<Context> table[] = {
    {"GET", "/v1/admin/users", super_admin, no_body, list_users},
    {"GET", "/v1/admin/tenant/users", tenant_admin, no_body, list_tenant_users},
    {"GET", "/v1/admin/tenant/flows", tenant_admin, no_body, list_tenant_flows},
    {"POST", "/v1/admin/users/{id}/role", tenant_admin, small_body, grant_role},
    {"DELETE", "/v1/admin/users/{id}/role", tenant_admin, no_body, revoke_role},
    {"GET", "/v1/admin/users/{id}/why", tenant_admin, no_body, explain_role},
    {"POST", "/v1/admin/sync", super_admin, small_body, run_sync},
    {"GET", "/v1/admin/sync/runs", super_admin, no_body, list_sync_runs},
    {"GET", "/v1/admin/sync/runs/{id}", super_admin, no_body, get_sync_run},
    {"GET", "/v1/admin/drift", super_admin, no_body, get_drift},
};

} // namespace

std::span<const scai::web::Route<Context>> routes() {
    return table;
}

} // namespace scaiflow::admin_api
