// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/app/query.hpp"
#include "lib/scaikey/webhooks/subscriptions.hpp"

namespace scaikey {

scai::Result<scai::web::Response> get_delivery(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto delivery, path_number(request, "delivery_id", "Delivery"));
    SCAI_TRY(auto object, webhooks::get_delivery(context.pool, Caller::from(request.principal),
                                                 request.param("webhook_id"), delivery));
    return object_response(std::move(object));
}

} // namespace scaikey
