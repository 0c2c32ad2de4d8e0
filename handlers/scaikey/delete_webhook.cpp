// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/webhooks/subscriptions.hpp"

namespace scaikey {

scai::Result<scai::web::Response> delete_webhook(Context& context, const scai::web::Request& request) {
    SCAI_TRY([[maybe_unused]] auto done,
             webhooks::remove(context.pool, Caller::from(request.principal), request.param("webhook_id")));
    return scai::web::Response::no_content();
}

} // namespace scaikey
