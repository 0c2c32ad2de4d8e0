// The endpoints of the group `admin`. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/app/context.hpp"
#include "lib/web/http.hpp"

#include <span>

namespace scaiflow::admin_api {

std::span<const scai::web::Route<Context>> routes();

scai::Result<scai::web::Response> list_users(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_tenant_users(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_tenant_flows(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> grant_role(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> revoke_role(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> explain_role(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> run_sync(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_sync_runs(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_sync_run(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_drift(Context& context, const scai::web::Request& request);

} // namespace scaiflow::admin_api
