// GET /v1/models?modality=&status=&limit=&cursor=. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers_cores.hpp"
#include "lib/scaigrid/models/models.hpp"

namespace scaigrid {

using scai::json::Value;

Result<Response> list_models(Context& context, const Request& request) {
    SCAI_TRY(const auto paging, read_paging(request, models::cursor_name, 1));
    SCAI_TRY(const auto modality, query_choice(request, "modality", {"chat", "embedding", "image", "audio"}));
    SCAI_TRY(const auto status, query_choice(request, "status", {"active", "deprecated"}));
    auto items = Value::array();
    std::string next;
    // Everything there is is an active chat model.
    if ((modality.empty() || modality == "chat") && status != "deprecated") {
        const auto page = models::list(context, request.principal, paging);
        for (const auto& model : page.models)
            items.push(models::view(model));
        next = page.next;
    }
    return ok(request, Value::object({{"items", items},
                                      {"has_more", !next.empty()},
                                      {"next_cursor", next.empty() ? Value(nullptr) : Value(next)}}));
}

} // namespace scaigrid
