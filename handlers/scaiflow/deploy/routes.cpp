// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/deploy/handlers.hpp"
#include "lib/scaiflow/app/permissions.hpp"

namespace scaiflow::deploy_api {

using scai::web::Access;
using scai::web::small_body;

namespace {

constexpr auto manage = Access::permission(permission_manage);

constexpr scai::web::Route<Context> table[] = {
    {"POST", "/v1/flows/{id}/deploy", manage, small_body, deploy_flow},
    {"POST", "/v1/flows/{id}/deployments/{deployment_id}/rollback", manage, small_body, rollback_deployment},
};

} // namespace

std::span<const scai::web::Route<Context>> routes() {
    return table;
}

} // namespace scaiflow::deploy_api
