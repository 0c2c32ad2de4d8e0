// The endpoints of the group `flows`. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/app/context.hpp"
#include "lib/scaiflow/app/permissions.hpp"
#include "lib/web/http.hpp"

#include <span>

namespace scaiflow::flows_api {

std::span<const scai::web::Route<Context>> routes();

/// GET /v1/flows/{id}: its one statement confirms the caller too.
inline constexpr auto get_flow_access = scai::web::Access::permission(permission_view).admitted_by_endpoint();

scai::Result<scai::web::Response> list_flows(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> create_flow(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_flow(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> update_flow(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> delete_flow(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> restore_flow(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> change_owner(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_acls(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> grant_access(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> change_access(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> revoke_access(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_access(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_versions(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_version(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> diff_versions(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> restore_version(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> enter_flow(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> leave_flow(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_presence(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_deployments(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_deployment(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> run_tests(Context& context, const scai::web::Request& request);

} // namespace scaiflow::flows_api
