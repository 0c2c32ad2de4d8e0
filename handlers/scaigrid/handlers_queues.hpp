// Endpoints of ScaiQueue and ScaiBunker, in table order. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaigrid/app/answers.hpp"
#include "lib/scaigrid/app/context.hpp"
#include "lib/scaigrid/queues/scopes.hpp"

#include <string_view>

namespace scaigrid {

using scai::Result;
using scai::web::Request;
using scai::web::Response;

Result<Response> list_scopes(Context& context, const Request& request);
Result<Response> create_scope(Context& context, const Request& request);
Result<Response> get_scope(Context& context, const Request& request);
Result<Response> update_scope(Context& context, const Request& request);
Result<Response> delete_scope(Context& context, const Request& request);
Result<Response> change_scope(Context& context, const Request& request);

Result<Response> list_queues(Context& context, const Request& request);
Result<Response> create_queue(Context& context, const Request& request);
Result<Response> get_queue(Context& context, const Request& request);
Result<Response> update_queue(Context& context, const Request& request);
Result<Response> delete_queue(Context& context, const Request& request);
Result<Response> change_queue(Context& context, const Request& request);

Result<Response> list_messages(Context& context, const Request& request);
Result<Response> publish_message(Context& context, const Request& request);
Result<Response> claim_messages(Context& context, const Request& request);
Result<Response> get_message(Context& context, const Request& request);
Result<Response> complete_message(Context& context, const Request& request);
Result<Response> fail_message(Context& context, const Request& request);
Result<Response> release_message(Context& context, const Request& request);
Result<Response> extend_message(Context& context, const Request& request);
Result<Response> list_chain(Context& context, const Request& request);
Result<Response> list_audit(Context& context, const Request& request);

Result<Response> list_hitl_patterns(Context& context, const Request& request);
Result<Response> create_hitl_pattern(Context& context, const Request& request);
Result<Response> preview_hitl_pattern(Context& context, const Request& request);

Result<Response> list_bunkers(Context& context, const Request& request);
Result<Response> create_bunker(Context& context, const Request& request);
Result<Response> get_bunker(Context& context, const Request& request);
Result<Response> delete_bunker(Context& context, const Request& request);
Result<Response> change_bunker(Context& context, const Request& request);
Result<Response> use_bunker(Context& context, const Request& request);
Result<Response> get_bunker_usage(Context& context, const Request& request);

// --- what they share ---
queues::Caller queue_caller(const Request& request);
/// The last segment of the path: pause, resume, ...
std::string_view verb_of(const Request& request);
/// A page whose cursor is one text or one number.
Response listing(const Request& request, std::string_view list, const queues::Listing& page);
/// The number a cursor continues from; 0 at the first page.
Result<std::int64_t> position_of(const Paging& paging);

} // namespace scaigrid
