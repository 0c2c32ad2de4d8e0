// POST /v1/webhooks/scaikey (contract scaiflow-api.md 5). The order matters: no secret, no service; nothing
// is parsed before its bytes are verified. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/webhooks/handlers.hpp"
#include "lib/log/log.hpp"
#include "lib/scaiflow/webhooks/service.hpp"

namespace scaiflow::webhooks_api {

using scai::web::Request;
using scai::web::Response;

scai::Result<Response> receive_event(Context& context, const Request& request) {
    const auto secrets = context.settings.secret("SCAIFLOW_SCAIKEY_WEBHOOK_SECRET");
    if (secrets.reveal().find_first_not_of(", \t") == std::string_view::npos)
        return scai::Error{.kind = scai::ErrorKind::unavailable,
                           .message = "ScaiKey webhook secret not configured on the server: set "
                                      "SCAIFLOW_SCAIKEY_WEBHOOK_SECRET"};
    const std::chrono::seconds window(context.settings.integer("SCAIFLOW_WEBHOOK_WINDOW_SECONDS"));
    const auto now = context.clock->now();
    const auto genuine =
        scai::directory::events::check_signature(secrets.reveal(),
                                                 {.signature = request.header("x-scaikey-signature"),
                                                  .timestamp = request.header("x-scaikey-timestamp"),
                                                  .body = request.body},
                                                 now, window);
    if (!genuine) { // why webhooks do not arrive is asked here, not at ScaiKey
        scai::log::warn("webhook_refused",
                        {{"reason", genuine.error().message}, {"request_id", request.request_id}});
        context.metrics.add("scaiflow_webhook_events_total", {{"outcome", "refused"}});
        return genuine.error();
    }
    SCAI_TRY(const auto body, scai::json::parse(request.body));
    SCAI_TRY(const auto event,
             scai::directory::events::parse_event(body, request.body, request.header("x-scaikey-event-id"),
                                                  request.header("x-scaikey-event-type")));

    const webhooks::Policy policy{
        .super_admin_groups = {.entries = context.settings.list("SCAIFLOW_SUPER_ADMIN_GROUPS"),
                               .home_tenant = context.settings.text("SCAIFLOW_HOME_TENANT")},
        .pinned_tenant = context.settings.text("SCAIKEY_TENANT_ID"),
        .future_limit = window};
    const auto receipt = webhooks::receive(context.pool, event, policy, now);
    const std::string_view outcome = receipt.duplicate ? "duplicate" : webhooks::name(receipt.outcome);
    context.metrics.add("scaiflow_webhook_events_total", {{"outcome", outcome}});
    scai::log::info("webhook", {{"event_id", event.id},
                                {"type", event.type},
                                {"tenant", event.tenant_id},
                                {"outcome", outcome},
                                {"request_id", request.request_id}});
    return Response::json(scai::json::Value::object({{"handled", receipt.handled}}));
}

} // namespace scaiflow::webhooks_api
