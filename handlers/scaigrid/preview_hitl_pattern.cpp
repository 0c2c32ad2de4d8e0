// POST .../hitl-patterns/preview: the form with its parameters filled in; nothing is kept.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_queues.hpp"

namespace scaigrid {

Result<Response> preview_hitl_pattern(Context& context, const Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(auto form,
             queues::preview_pattern(context.pool, queue_caller(request), request.param("scope_id"), body));
    return ok(request, std::move(form));
}

} // namespace scaigrid
