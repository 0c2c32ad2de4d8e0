// The endpoints of the group `deploy`: a process of its own, because it waits for ScaiGrid.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/app/context.hpp"
#include "lib/web/http.hpp"

#include <span>

namespace scaiflow::deploy_api {

std::span<const scai::web::Route<Context>> routes();

scai::Result<scai::web::Response> deploy_flow(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> rollback_deployment(Context& context, const scai::web::Request& request);

} // namespace scaiflow::deploy_api
