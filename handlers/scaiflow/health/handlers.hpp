// The endpoints of the group `health`. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/app/context.hpp"
#include "lib/web/http.hpp"

#include <span>

namespace scaiflow::health_api {

std::span<const scai::web::Route<Context>> routes();

scai::Result<scai::web::Response> get_health(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_ready(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_metrics(Context& context, const scai::web::Request& request);

} // namespace scaiflow::health_api
