// GET /v1/subscriptions/{id}/poll: waits up to a minute for something to happen. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaivault/subscriptions/handlers.hpp"
#include "lib/base/strings.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/subscriptions/service.hpp"

namespace scaivault::subscriptions_api {

namespace {

scai::Result<std::int64_t> number(const Request& request, const char* name, std::int64_t fallback,
                                  std::int64_t min, std::int64_t max) {
    const auto text = request.query_text(name);
    if (!text)
        return fallback;
    const auto value = scai::parse_int(*text);
    if (!value || *value < min || *value > max)
        return invalid_request(std::string("query.") + name + " must be a number from " +
                               std::to_string(min) + " to " + std::to_string(max));
    return *value;
}

} // namespace

scai::Result<Response> poll_events(Context& context, const Request& request) {
    exchange_of(request).audit.entry.extra.set("subscription_id", request.param("id"));
    subscriptions::Poll how;
    SCAI_TRY(const auto seconds, number(request, "timeout", 30, 0, 60));
    SCAI_TRY(how.max_events, number(request, "max_events", 100, 1, 1000));
    how.timeout = std::chrono::seconds(seconds);
    how.since_event_id = request.query_text("since_event_id").value_or("");
    if (!how.since_event_id.empty() &&
        (!how.since_event_id.starts_with("evt_") || how.since_event_id.size() > 64))
        return invalid_request("query.since_event_id must be the event_id of an event of this subscription");
    SCAI_TRY(const auto polled, subscriptions::poll(context.pool, context.evaluator, caller_of(request),
                                                    request.param("id"), how, [] { return false; }));
    exchange_of(request).audit.entry.extra.set("events", static_cast<std::int64_t>(polled.events.size()));
    std::string text = "{\"events\":[";
    for (std::size_t i = 0; i < polled.events.size(); ++i)
        text += (i == 0 ? "" : ",") + scaivault::events::body_of(polled.events[i]);
    text += std::string("],\"has_more\":") + (polled.has_more ? "true" : "false") + "}";
    return Response::text(std::move(text), "application/json");
}

} // namespace scaivault::subscriptions_api
