// Endpoints of runs: calls of Cores, their events, checkpoints and triggers, in table order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaigrid/app/answers.hpp"
#include "lib/scaigrid/app/context.hpp"

namespace scaigrid {

using scai::Result;
using scai::web::Request;
using scai::web::Response;

Result<Response> invoke_core(Context& context, const Request& request);
Result<Response> send_core_event(Context& context, const Request& request);
Result<Response> list_triggers(Context& context, const Request& request);
Result<Response> rotate_hook_secret(Context& context, const Request& request);
Result<Response> receive_hook(Context& context, const Request& request);

Result<Response> list_events(Context& context, const Request& request);
Result<Response> list_executions(Context& context, const Request& request);
Result<Response> get_execution(Context& context, const Request& request);

Result<Response> list_checkpoints(Context& context, const Request& request);
Result<Response> get_checkpoint(Context& context, const Request& request);
Result<Response> resolve_checkpoint(Context& context, const Request& request);
Result<Response> cancel_checkpoint(Context& context, const Request& request);
Result<Response> reassign_checkpoint(Context& context, const Request& request);

} // namespace scaigrid
