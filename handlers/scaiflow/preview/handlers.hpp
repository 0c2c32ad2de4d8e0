// The endpoints of the group `preview`. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/app/context.hpp"
#include "lib/web/http.hpp"

#include <span>

namespace scaiflow::preview_api {

std::span<const scai::web::Route<Context>> routes();

scai::Result<scai::web::Response> compile_flow(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> validate_flow(Context& context, const scai::web::Request& request);

} // namespace scaiflow::preview_api
