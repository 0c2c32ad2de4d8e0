// The endpoints of the group `identity`. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/app/context.hpp"
#include "lib/web/http.hpp"

#include <span>

namespace scaivault::identity_api {

std::span<const Endpoint> routes();

scai::Result<scai::web::Response> list_partners(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_tenants(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_users(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_groups(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_members(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> resolve_identity(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> start_sync(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_syncs(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_roles(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_user_roles(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> put_user_roles(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> receive_event(Context& context, const scai::web::Request& request);

} // namespace scaivault::identity_api
