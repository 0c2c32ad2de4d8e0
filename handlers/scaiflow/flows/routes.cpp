// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/flows/handlers.hpp"
#include "lib/scaiflow/app/permissions.hpp"

namespace scaiflow::flows_api {

using scai::web::Access;
using scai::web::large_body;
using scai::web::no_body;
using scai::web::small_body;

namespace {

constexpr auto view = Access::permission(permission_view);
constexpr auto manage = Access::permission(permission_manage);
constexpr auto super_admin = Access::role("super_admin");

constexpr scai::web::Route<Context> table[] = {
    {"GET", "/v1/flows", view, no_body, list_flows},
    {"POST", "/v1/flows", manage, large_body, create_flow},
    {"GET", "/v1/flows/{id}", get_flow_access, no_body, get_flow},
    {"PUT", "/v1/flows/{id}", manage, large_body, update_flow},
    {"DELETE", "/v1/flows/{id}", manage, no_body, delete_flow},
    {"POST", "/v1/flows/{id}/restore", manage, small_body, restore_flow},
    {"POST", "/v1/flows/{id}/owner", super_admin, small_body, change_owner},
    {"GET", "/v1/flows/{id}/acls", view, no_body, list_acls},
    {"POST", "/v1/flows/{id}/acls", manage, small_body, grant_access},
    {"PATCH", "/v1/flows/{id}/acls/{acl_id}", manage, small_body, change_access},
    {"DELETE", "/v1/flows/{id}/acls/{acl_id}", manage, no_body, revoke_access},
    {"GET", "/v1/flows/{id}/access", view, no_body, get_access},
    {"GET", "/v1/flows/{id}/versions", view, no_body, list_versions},
    {"GET", "/v1/flows/{id}/versions/{version}", view, no_body, get_version},
    {"GET", "/v1/flows/{id}/versions/{a}/diff/{b}", view, no_body, diff_versions},
    {"POST", "/v1/flows/{id}/versions/{version}/restore", manage, small_body, restore_version},
    {"GET", "/v1/flows/{id}/presence", view, no_body, list_presence},
    {"POST", "/v1/flows/{id}/presence", view, small_body, enter_flow},
    {"DELETE", "/v1/flows/{id}/presence", view, no_body, leave_flow},
    {"GET", "/v1/flows/{id}/deployments", view, no_body, list_deployments},
    {"GET", "/v1/flows/{id}/deployments/{deployment_id}", view, no_body, get_deployment},
    {"POST", "/v1/flows/{id}/run-tests", manage, small_body, run_tests},
};

} // namespace

std::span<const scai::web::Route<Context>> routes() {
    return table;
}

} // namespace scaiflow::flows_api
