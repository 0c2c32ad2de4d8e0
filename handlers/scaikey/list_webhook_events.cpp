// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/webhooks/rules.hpp"

namespace scaikey {

scai::Result<scai::web::Response> list_webhook_events(Context& /*context*/,
                                                      const scai::web::Request& /*request*/) {
    const auto names = scai::json::Value::array_of(webhooks::event_types());
    return scai::web::Response::json(
        scai::json::Value::object({{"data", names}, {"meta", scai::json::Value::object()}}));
}

} // namespace scaikey
