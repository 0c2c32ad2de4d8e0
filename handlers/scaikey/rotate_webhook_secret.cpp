// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/webhooks/subscriptions.hpp"

namespace scaikey {

scai::Result<scai::web::Response> rotate_webhook_secret(Context& context, const scai::web::Request& request) {
    SCAI_TRY(auto object, webhooks::rotate_secret(context.pool, Caller::from(request.principal),
                                                  request.param("webhook_id")));
    return object_response(std::move(object));
}

} // namespace scaikey
