// The endpoints of the group `catalog`. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/app/context.hpp"
#include "lib/web/http.hpp"

#include <span>

namespace scaiflow::catalog_api {

std::span<const scai::web::Route<Context>> routes();

scai::Result<scai::web::Response> list_packages(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> publish_package(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_package(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_versions(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> download_version(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> install_package(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> change_visibility(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> delete_package(Context& context, const scai::web::Request& request);

} // namespace scaiflow::catalog_api
