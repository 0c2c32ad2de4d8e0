// The endpoint of the group `dev`. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/app/context.hpp"
#include "lib/web/http.hpp"

#include <span>

namespace scaiflow::dev_api {

std::span<const scai::web::Route<Context>> routes();

scai::Result<scai::web::Response> deploy_content(Context& context, const scai::web::Request& request);

} // namespace scaiflow::dev_api
