// Endpoints of ScaiGrid itself, in table order. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaigrid/app/answers.hpp"
#include "lib/scaigrid/app/context.hpp"

namespace scaigrid {

using scai::Result;
using scai::web::Request;
using scai::web::Response;

Result<Response> get_health(Context& context, const Request& request);
Result<Response> get_ready(Context& context, const Request& request);
Result<Response> get_metrics(Context& context, const Request& request);
Result<Response> get_me(Context& context, const Request& request);

Result<Response> list_api_keys(Context& context, const Request& request);
Result<Response> create_api_key(Context& context, const Request& request);
Result<Response> revoke_api_key(Context& context, const Request& request);

Result<Response> list_users(Context& context, const Request& request);
Result<Response> get_user(Context& context, const Request& request);
Result<Response> set_user_roles(Context& context, const Request& request);
Result<Response> get_module_permissions(Context& context, const Request& request);
Result<Response> set_module_permissions(Context& context, const Request& request);

Result<Response> list_faults(Context& context, const Request& request);
Result<Response> add_fault(Context& context, const Request& request);
Result<Response> set_faults(Context& context, const Request& request);
Result<Response> clear_faults(Context& context, const Request& request);
Result<Response> delete_fault(Context& context, const Request& request);

} // namespace scaigrid
