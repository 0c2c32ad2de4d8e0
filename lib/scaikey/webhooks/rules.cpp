// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/webhooks/rules.hpp"

#include "lib/webhook/webhook.hpp"

#include <algorithm>
#include <array>

namespace scaikey::webhooks {

using scai::json::Value;

namespace {

constexpr std::array<std::string_view, 25> known_types = {"partner.created",
                                                          "partner.updated",
                                                          "partner.deleted",
                                                          "tenant.created",
                                                          "tenant.updated",
                                                          "tenant.deleted",
                                                          "user.created",
                                                          "user.updated",
                                                          "user.deleted",
                                                          "user.suspended",
                                                          "user.activated",
                                                          "user.password_changed",
                                                          "group.created",
                                                          "group.updated",
                                                          "group.deleted",
                                                          "group.member_added",
                                                          "group.member_removed",
                                                          "application.created",
                                                          "application.updated",
                                                          "application.deleted",
                                                          "application.user_assigned",
                                                          "application.user_unassigned",
                                                          "application.group_assigned",
                                                          "application.group_unassigned",
                                                          "webhook.test"};

} // namespace

std::string body_of(const Event& event) {
    const auto id_or_null = [](const std::string& id) { return id.empty() ? Value(nullptr) : Value(id); };
    Value body = Value::object(
        {{"event_id", event.id},
         {"event_type", event.type},
         {"timestamp", event.timestamp},
         {"resource", Value::object({{"type", event.resource_type}, {"id", event.resource_id}})},
         {"actor", Value::object({{"id", id_or_null(event.actor_id)}, {"type", event.actor_type}})},
         {"data", event.data}});
    if (!event.tenant_id.empty())
        body.set("tenant_id", event.tenant_id);
    if (!event.partner_id.empty())
        body.set("partner_id", event.partner_id);
    return body.dump(/*sorted=*/true);
}

std::string signature(std::int64_t unix_seconds, std::string_view body,
                      const std::vector<std::string>& secrets) {
    std::string out = "t=" + std::to_string(unix_seconds);
    for (const auto& secret : secrets)
        out += ",v1=" + scai::webhook::timestamped_hmac(secret, unix_seconds, body);
    return out;
}

std::span<const std::string_view> event_types() {
    return known_types;
}

bool valid_pattern(std::string_view pattern) {
    if (pattern == "*")
        return true;
    if (pattern.ends_with(".*")) {
        const auto family = pattern.substr(0, pattern.size() - 1);
        return std::any_of(known_types.begin(), known_types.end(),
                           [&](std::string_view type) { return type.starts_with(family); });
    }
    return std::find(known_types.begin(), known_types.end(), pattern) != known_types.end();
}

} // namespace scaikey::webhooks
