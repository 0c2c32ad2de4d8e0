// The endpoints of the group `tenants`: a process of its own, because it waits for ScaiVault and ScaiGrid.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/app/context.hpp"
#include "lib/web/http.hpp"

#include <span>

namespace scaiflow::tenants_api {

std::span<const scai::web::Route<Context>> routes();

scai::Result<scai::web::Response> get_credentials(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> set_credentials(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> delete_credentials(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> test_credentials(Context& context, const scai::web::Request& request);

} // namespace scaiflow::tenants_api
