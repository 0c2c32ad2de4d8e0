// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/catalog/handlers.hpp"

#include "lib/scaiflow/app/permissions.hpp"

namespace scaiflow::catalog_api {

using scai::web::Access;
using scai::web::large_body;
using scai::web::no_body;
using scai::web::small_body;

namespace {

constexpr auto view = Access::permission(permission_view);
constexpr auto manage = Access::permission(permission_manage);

constexpr scai::web::Route<Context> table[] = {
    {"GET", "/v1/catalog", view, no_body, list_packages},
    {"POST", "/v1/catalog/publish", manage, large_body, publish_package},
    {"GET", "/v1/catalog/{package_id}", view, no_body, get_package},
    {"GET", "/v1/catalog/{package_id}/versions", view, no_body, list_versions},
    {"GET", "/v1/catalog/{package_id}/versions/{version}/package", view, no_body, download_version},
    {"POST", "/v1/catalog/{package_id}/install", view, small_body, install_package},
    {"PATCH", "/v1/catalog/{package_id}/visibility", manage, small_body, change_visibility},
    {"DELETE", "/v1/catalog/{package_id}", manage, no_body, delete_package},
};

} // namespace

std::span<const scai::web::Route<Context>> routes() {
    return table;
}

} // namespace scaiflow::catalog_api
