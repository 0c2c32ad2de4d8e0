// Endpoints of the group rotation (contract scaivault.md 1.4, 1.5), in table order. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/scaivault/app/context.hpp"

namespace scaivault::rotation_api {

using scai::web::Request;
using scai::web::Response;

scai::Result<Response> list_policies(Context& context, const Request& request);
scai::Result<Response> create_policy(Context& context, const Request& request);
scai::Result<Response> get_policy(Context& context, const Request& request);
scai::Result<Response> update_policy(Context& context, const Request& request);
scai::Result<Response> delete_policy(Context& context, const Request& request);
scai::Result<Response> enable_policy(Context& context, const Request& request);
scai::Result<Response> disable_policy(Context& context, const Request& request);
scai::Result<Response> assign_secret(Context& context, const Request& request);
scai::Result<Response> detach_secret(Context& context, const Request& request);
scai::Result<Response> rotate_secrets(Context& context, const Request& request);
scai::Result<Response> list_history(Context& context, const Request& request);
scai::Result<Response> list_due(Context& context, const Request& request);

scai::Result<Response> list_recipes(Context& context, const Request& request);
scai::Result<Response> create_recipe(Context& context, const Request& request);
scai::Result<Response> get_recipe(Context& context, const Request& request);
scai::Result<Response> update_recipe(Context& context, const Request& request);
scai::Result<Response> replace_recipe(Context& context, const Request& request);
scai::Result<Response> delete_recipe(Context& context, const Request& request);
scai::Result<Response> preview_recipe(Context& context, const Request& request);

std::span<const Endpoint> routes();

} // namespace scaivault::rotation_api
