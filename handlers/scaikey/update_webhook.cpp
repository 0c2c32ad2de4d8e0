// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/webhooks/subscriptions.hpp"

namespace scaikey {

scai::Result<scai::web::Response> update_webhook(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(auto object, webhooks::update(context.pool, Caller::from(request.principal),
                                           request.param("webhook_id"), body));
    return object_response(std::move(object));
}

} // namespace scaikey
