// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/webhooks/rules.hpp"

#include "lib/crypto/crypto.hpp"

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
    const std::string time = std::to_string(unix_seconds);
    std::string signed_text = time + ".";
    signed_text += body;
    std::string out = "t=" + time;
    for (const auto& secret : secrets)
        out += ",v1=" + scai::crypto::to_hex(scai::crypto::hmac_sha256(secret, signed_text));
    return out;
}

std::optional<std::chrono::seconds> retry_after(int attempt) {
    using std::chrono::seconds;
    constexpr std::array ladder = {seconds(30), seconds(120), seconds(600), seconds(1800), seconds(7200)};
    if (attempt < 1 || static_cast<std::size_t>(attempt) > ladder.size())
        return std::nullopt;
    return ladder[static_cast<std::size_t>(attempt) - 1];
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

bool valid_url(std::string_view url) {
    const auto start = url.starts_with("https://") ? 8U : url.starts_with("http://") ? 7U : 0U;
    if (start == 0 || url.find('#') != std::string_view::npos)
        return false;
    const auto host = url.substr(start, url.find_first_of("/?", start) - start);
    const auto printable = [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; };
    return !host.empty() && host.front() != ':' && host.find('@') == std::string_view::npos &&
           std::all_of(url.begin(), url.end(), printable);
}

} // namespace scaikey::webhooks
