// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/events/rules.hpp"

#include "lib/json/rows.hpp"

#include <algorithm>
#include <array>

namespace scaivault::events {

using scai::json::Value;

namespace {

constexpr std::array<std::string_view, 27> known{
    "secret.created",       "secret.updated",     "secret.deleted",         "secret.rotated",
    "secret.expiring",      "secret.expired",     "secret.accessed",        "policy.created",
    "policy.updated",       "policy.deleted",     "policy.binding.created", "policy.binding.deleted",
    "policy.violation",     "rotation.due",       "rotation.overdue",       "rotation.completed",
    "rotation.failed",      "certificate.issued", "certificate.renewed",    "certificate.revoked",
    "certificate.expiring", "lease.created",      "lease.renewed",          "lease.revoked",
    "lease.expired",        "webhook.test",       "secret.restored"};

void member(std::string& out, std::string_view key, std::string_view text) {
    out += out.size() > 1 ? ",\"" : "\"";
    out += key;
    out += "\":";
    scai::json::append_text(out, text);
}

} // namespace

std::span<const std::string_view> types() {
    return known;
}

bool valid_pattern(std::string_view pattern) {
    if (pattern == "*")
        return true;
    if (pattern.ends_with(".*")) {
        const auto family = pattern.substr(0, pattern.size() - 1);
        return std::any_of(known.begin(), known.end(),
                           [&](std::string_view type) { return type.starts_with(family); });
    }
    return std::find(known.begin(), known.end(), pattern) != known.end();
}

bool wanted(const std::vector<std::string>& patterns, std::string_view type) {
    return std::any_of(patterns.begin(), patterns.end(), [&](std::string_view pattern) {
        return pattern == "*" || pattern == type ||
               (pattern.ends_with(".*") && type.starts_with(pattern.substr(0, pattern.size() - 1)));
    });
}

bool passes(const Filter& filter, const Row& event) {
    if (!event.path.starts_with(filter.path_prefix))
        return false;
    if (!filter.secret_type.empty() && filter.secret_type != event.secret_type)
        return false;
    return std::all_of(filter.tags.begin(), filter.tags.end(), [&](const std::string& tag) {
        return std::find(event.tags.begin(), event.tags.end(), tag) != event.tags.end();
    });
}

std::string body_of(const Row& event) {
    std::string out = "{";
    member(out, "event_id", event.event_id);
    member(out, "event_type", event.type);
    member(out, "timestamp", event.at);
    if (event.owner.starts_with("partner/"))
        out += ",\"tenant_id\":null";
    else
        member(out, "tenant_id", event.owner);
    member(out, "partner_id", event.partner_id);
    member(out, "identity_id", event.identity_id);
    if (!event.path.empty())
        member(out, "path", event.path);
    out += ",\"data\":";
    out += event.data;
    member(out, "request_id", event.request_id);
    out += "}";
    return out;
}

std::vector<std::string> read_patterns(scai::json::Fields& fields, bool required) {
    constexpr std::size_t most = 100;
    auto patterns = fields.optional_text_list("events", {.max = 64}, most);
    if (patterns.empty() && (required || fields.has("events")))
        fields.reject("events", "must be a list of 1 to 100 event names, \"secret.*\" or \"*\"");
    for (std::size_t i = 0; i < patterns.size(); ++i)
        if (!valid_pattern(patterns[i]))
            fields.reject("events[" + std::to_string(i) + "]", "is not an event, \"<family>.*\" or \"*\"");
    return patterns;
}

std::optional<Filter> read_filter(const Value& body, scai::json::Fields& fields) {
    const auto given = body.get("filters");
    if (!given.present())
        return std::nullopt;
    Filter out;
    if (given.is_null())
        return out;
    if (!given.is_object()) {
        fields.reject("filters", "must be an object with path_prefix, secret_type and tags");
        return out;
    }
    const auto text = [&](const char* key, std::size_t most) -> std::string {
        const auto value = given.get(key);
        if (!value.present() || value.is_null())
            return {};
        const auto content = value.text();
        if (!content || content->size() > most)
            fields.reject(std::string("filters.") + key,
                          "must be a string of at most " + std::to_string(most) + " bytes");
        return content.value_or("");
    };
    out.path_prefix = text("path_prefix", 512);
    out.secret_type = text("secret_type", 32);
    constexpr std::array<std::string_view, 5> secret_types{"kv", "json", "certificate", "ssh_key", "api_key"};
    if (!out.secret_type.empty() &&
        std::find(secret_types.begin(), secret_types.end(), out.secret_type) == secret_types.end())
        fields.reject("filters.secret_type", "must be kv, json, certificate, ssh_key or api_key");
    const auto tags = given.get("tags");
    if (tags.present() && !tags.is_null() && (!tags.is_array() || tags.size() > 50))
        fields.reject("filters.tags", "must be a list of at most 50 strings");
    for (std::size_t i = 0; i < tags.size(); ++i) {
        const auto tag = tags.at(i).text();
        if (!tag || tag->empty() || tag->size() > 128)
            fields.reject("filters.tags[" + std::to_string(i) + "]", "must be a string of 1 to 128 bytes");
        out.tags.push_back(tag.value_or(""));
    }
    given.each_member([&](std::string_view key, const Value& /*value*/) {
        if (key != "path_prefix" && key != "secret_type" && key != "tags")
            fields.reject("filters." + std::string(key), "is not a filter");
    });
    return out;
}

Value to_json(const Filter& filter) {
    auto out = Value::object();
    if (!filter.path_prefix.empty())
        out.set("path_prefix", filter.path_prefix);
    if (!filter.secret_type.empty())
        out.set("secret_type", filter.secret_type);
    if (!filter.tags.empty())
        out.set("tags", Value::array_of(filter.tags));
    return out;
}

std::optional<scai::Error> refusal(const scai::json::Fields& fields) {
    auto error = fields.error();
    if (!error)
        return std::nullopt;
    constexpr std::string_view where = "body.";
    for (auto& field : error->fields)
        if (field.path.starts_with(where))
            field.path.erase(0, where.size());
    error->code = "validation_error";
    error->message = error->fields.front().path + ": " + error->fields.front().message;
    return error;
}

} // namespace scaivault::events
