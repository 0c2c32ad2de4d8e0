// Endpoints of Cores and models, in table order. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaigrid/app/answers.hpp"
#include "lib/scaigrid/app/context.hpp"

namespace scaigrid {

using scai::Result;
using scai::web::Request;
using scai::web::Response;

Result<Response> create_core(Context& context, const Request& request);
Result<Response> parse_bundle(Context& context, const Request& request);
Result<Response> list_cores(Context& context, const Request& request);
Result<Response> get_core(Context& context, const Request& request);
Result<Response> update_core(Context& context, const Request& request);
Result<Response> delete_core(Context& context, const Request& request);
Result<Response> start_core(Context& context, const Request& request);
Result<Response> stop_core(Context& context, const Request& request);
Result<Response> restart_core(Context& context, const Request& request);
Result<Response> pause_core(Context& context, const Request& request);
Result<Response> resume_core(Context& context, const Request& request);
Result<Response> publish_core(Context& context, const Request& request);
Result<Response> sync_core(Context& context, const Request& request);
Result<Response> unpublish_core(Context& context, const Request& request);

Result<Response> list_models(Context& context, const Request& request);
Result<Response> get_model(Context& context, const Request& request);
Result<Response> get_avatar(Context& context, const Request& request);
Result<Response> list_openai_models(Context& context, const Request& request);

} // namespace scaigrid
