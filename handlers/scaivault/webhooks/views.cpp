// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/webhooks/views.hpp"

#include "lib/scaivault/webhooks/wire.hpp"

namespace scaivault::webhooks_api {

using scai::json::Value;

namespace {

Value text_or_null(const std::string& text) {
    return text.empty() ? Value(nullptr) : Value(text);
}

} // namespace

Value webhook_view(const webhooks::Webhook& webhook) {
    auto out = Value::object({{"id", webhook.id},
                              {"name", webhook.name},
                              {"url", webhook.url},
                              {"events", Value::array_of(webhook.events)},
                              {"filters", scaivault::events::to_json(webhook.filter)},
                              {"enabled", webhook.enabled},
                              {"status", webhooks::status_of(webhook)},
                              {"created_at", webhook.created_at},
                              {"updated_at", webhook.updated_at}});
    if (!webhook.disabled_reason.empty())
        out.set("disabled_reason", webhook.disabled_reason);
    if (!webhook.previous_until.empty())
        out.set("previous_secret_expires_at", webhook.previous_until);
    return out;
}

Value details_view(const webhooks::Details& details) {
    auto out = webhook_view(details.webhook);
    out.set("consecutive_failures", details.webhook.consecutive_failures);
    out.set("statistics", Value::object({{"deliveries_24h", details.statistics.deliveries_24h},
                                         {"success_rate_24h", details.statistics.success_rate_24h},
                                         {"avg_latency_ms", details.statistics.avg_latency_ms}}));
    out.set("last_delivery", !details.last ? Value(nullptr)
                                           : Value::object({{"id", details.last->id},
                                                            {"timestamp", details.last->at},
                                                            {"status", details.last->status},
                                                            {"response_code", details.last->response_code}}));
    return out;
}

Value delivery_view(const webhooks::Delivery& delivery) {
    return Value::object({{"id", delivery.id},
                          {"event_id", delivery.event_id},
                          {"event_type", delivery.event_type},
                          {"timestamp", delivery.at},
                          {"status", delivery.status},
                          {"response_code", delivery.response_code},
                          {"duration_ms", delivery.duration_ms},
                          {"attempt", delivery.attempts},
                          {"error", text_or_null(delivery.error)},
                          {"next_attempt_at", text_or_null(delivery.next_attempt_at)}});
}

} // namespace scaivault::webhooks_api
