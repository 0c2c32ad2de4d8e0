// DELETE /v1/webhooks/{id}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/webhooks/handlers.hpp"
#include "lib/scaivault/app/change.hpp"
#include "lib/scaivault/webhooks/service.hpp"

namespace scaivault::webhooks_api {

scai::Result<Response> delete_webhook(Context& context, const Request& request) {
    const auto& id = request.param("id");
    exchange_of(request).audit.entry.extra.set("webhook_id", id);
    SCAI_TRY([[maybe_unused]] const auto gone,
             change(context, request, [&](scai::db::Tx& tx) -> scai::Status {
                 if (!webhooks::store::remove(tx, caller_of(request).tenant_id, id))
                     return webhooks::webhook_not_found(id);
                 return scai::Done{};
             }));
    return Response::no_content();
}

} // namespace scaivault::webhooks_api
