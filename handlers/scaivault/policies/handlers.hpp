// The endpoints of the group `policies`. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/app/context.hpp"
#include "lib/web/http.hpp"

#include <span>

namespace scaivault::policies_api {

std::span<const Endpoint> routes();

scai::Result<scai::web::Response> list_policies(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> create_policy(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> test_policy(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> who_can(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_policy(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> replace_policy(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> update_policy(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> delete_policy(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> lint_policy(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_bindings(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> create_binding(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> delete_binding(Context& context, const scai::web::Request& request);

} // namespace scaivault::policies_api
