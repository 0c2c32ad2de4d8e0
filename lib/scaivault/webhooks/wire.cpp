// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/webhooks/wire.hpp"

#include "lib/http/address.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/policies/conditions.hpp"
#include "lib/webhook/webhook.hpp"

namespace scaivault::webhooks {

using scai::Result;
using scai::json::Fields;
using scai::json::Value;

namespace {

constexpr std::size_t shortest_secret = 16, longest_secret = 512, longest_url = 2048;

scai::json::TextLimits secret_limits() {
    return {.min = shortest_secret, .max = longest_secret, .one_of = {}};
}

void check_url(Fields& fields, std::string_view url, bool allow_private) {
    if (url.empty())
        return; // reported already, or not given
    if (const auto problem = url_problem(url, allow_private); !problem.empty())
        fields.reject("url", problem);
}

} // namespace

std::string url_problem(std::string_view url, bool allow_private) {
    if (!scai::webhook::valid_url(url) || scai::http::origin_of(url).empty())
        return "must be an absolute https:// URL without credentials and fragment";
    if (allow_private)
        return {};
    if (!url.starts_with("https://"))
        return "must begin with https://";
    if (!scai::http::host_is_public(url).value_or(true))
        return "must not name an address that is not public";
    return {};
}

Result<New> parse_new(const Value& body, bool allow_private) {
    Fields fields(body, "body");
    New out;
    out.name = fields.text("name", {.max = 128});
    out.url = fields.text("url", {.max = longest_url});
    check_url(fields, out.url, allow_private);
    out.secret = scai::SecretText(fields.text("secret", secret_limits()));
    out.events = scaivault::events::read_patterns(fields, /*required=*/true);
    if (auto filter = scaivault::events::read_filter(body, fields))
        out.filter = std::move(*filter);
    out.enabled = fields.optional_boolean("enabled").value_or(true);
    if (auto error = scaivault::events::refusal(fields))
        return *error;
    return out;
}

Result<Changes> parse_changes(const Value& body, bool allow_private) {
    Fields fields(body, "body");
    Changes out;
    out.name = fields.optional_text("name", {.max = 128});
    out.url = fields.optional_text("url", {.max = longest_url});
    check_url(fields, out.url.value_or(""), allow_private);
    out.secret = scai::SecretText(fields.optional_text("secret", secret_limits()).value_or(""));
    if (fields.has("events"))
        out.events = scaivault::events::read_patterns(fields, /*required=*/true);
    out.filter = scaivault::events::read_filter(body, fields);
    out.enabled = fields.optional_boolean("enabled");
    const auto ttl = fields.optional_text("previous_secret_ttl", {.max = 32});
    if (ttl && out.secret.empty() && !fields.error())
        fields.reject("previous_secret_ttl", "goes together with a new secret");
    if (auto error = scaivault::events::refusal(fields))
        return *error;
    if (ttl) {
        const bool none = *ttl == "0" || *ttl == "0s";
        const auto length = none ? std::chrono::seconds(0) : policies::parse_duration(*ttl);
        if (!length || *length > std::chrono::hours(24 * 30))
            return invalid("invalid_duration",
                           "previous_secret_ttl must be a duration of at most 30d, such as 24h");
        out.previous_ttl = *length;
    }
    return out;
}

std::string_view status_of(const Webhook& webhook) {
    if (!webhook.enabled)
        return webhook.disabled_reason.empty() ? "disabled" : "failing";
    if (webhook.consecutive_failures == 0)
        return "healthy";
    return webhook.consecutive_failures < failures_until_failing ? "degraded" : "failing";
}

scai::http::Headers headers(const scaivault::events::Row& event, std::string_view body,
                            std::int64_t unix_seconds, const std::vector<scai::SecretText>& secrets) {
    scai::http::Headers out{{"Content-Type", "application/json"},
                            {"User-Agent", "ScaiVault-Webhook/1.0"},
                            {"X-ScaiVault-Event-Id", event.event_id},
                            {"X-ScaiVault-Event-Type", event.type},
                            {"X-ScaiVault-Timestamp", std::to_string(unix_seconds)}};
    std::string standard;
    for (std::size_t i = 0; i < secrets.size(); ++i) {
        const auto secret = secrets[i].reveal();
        out.emplace_back(i == 0 ? "X-ScaiVault-Signature" : "X-ScaiVault-Signature-Previous",
                         "sha256=" + scai::webhook::timestamped_hmac(secret, unix_seconds, body));
        standard += (i == 0 ? "" : " ") +
                    scai::webhook::standard_signature(secret, event.event_id, unix_seconds, body);
    }
    out.emplace_back("webhook-id", event.event_id);
    out.emplace_back("webhook-timestamp", std::to_string(unix_seconds));
    out.emplace_back("webhook-signature", standard);
    return out;
}

} // namespace scaivault::webhooks
