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
    {"POST", "/v1/flows", manage, large_body, create_flow},
    {"GET", "/v1/flows/{id}", view, no_body, get_flow},
    {"PUT", "/v1/flows/{id}", manage, large_body, update_flow},
    {"DELETE", "/v1/flows/{id}", manage, no_body, delete_flow},
    {"POST", "/v1/flows/{id}/restore", manage, small_body, restore_flow},
    {"POST", "/v1/flows/{id}/owner", super_admin, small_body, change_owner},
};

} // namespace

std::span<const scai::web::Route<Context>> routes() {
    return table;
}

} // namespace scaiflow::flows_api
