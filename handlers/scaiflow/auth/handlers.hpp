// The endpoints of the group `auth`. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/app/context.hpp"
#include "lib/web/http.hpp"

#include <span>

namespace scaiflow::auth_api {

std::span<const scai::web::Route<Context>> routes();

scai::Result<scai::web::Response> get_config(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> post_exchange(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> post_refresh(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_me(Context& context, const scai::web::Request& request);

} // namespace scaiflow::auth_api
