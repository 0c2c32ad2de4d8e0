// The endpoints of the group `lookups`. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/app/context.hpp"
#include "lib/web/http.hpp"

#include <span>

namespace scaiflow::lookups_api {

std::span<const scai::web::Route<Context>> routes();

scai::Result<scai::web::Response> list_scopes(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_queues(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_bunkers(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_models(Context& context, const scai::web::Request& request);

} // namespace scaiflow::lookups_api
