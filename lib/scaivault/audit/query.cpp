// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/audit/query.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/audit/actions.hpp"
#include "lib/scaivault/policies/conditions.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>

namespace scaivault::audit {

namespace {

using scai::Result;
using scai::json::Value;

constexpr std::size_t max_filter_text = 1024;
constexpr std::array identity_types{"user", "service_account", "group", "system", "anonymous"};
constexpr std::array filter_names{"from",        "to",      "action",    "identity_id", "identity_type",
                                  "path_prefix", "success", "source_ip", "request_id"};

/// A mistyped filter must not pass for "nothing happened", or for everything.
scai::Status check_name(const std::string& where, std::string_view name) {
    if (std::find(filter_names.begin(), filter_names.end(), name) != filter_names.end())
        return scai::Done{};
    std::string known;
    for (const auto* each : filter_names)
        known += (known.empty() ? "" : ", ") + std::string(each);
    return invalid_request(where + std::string(name) + " is no filter of the trail: " + known);
}

scai::Status check_action(const std::string& where, const std::string& name) {
    if (std::find(known_actions.begin(), known_actions.end(), name) != known_actions.end())
        return scai::Done{};
    std::string known;
    for (const auto action : known_actions)
        known += (known.empty() ? "" : ", ") + std::string(action);
    return invalid_request(where + "action \"" + name.substr(0, 64) +
                           "\" is no action of the trail: " + known);
}

/// Reads a filter from whatever holds its members: `text` gives a member's text, nullopt when it is absent.
struct Members {
    std::function<std::optional<std::string>(std::string_view)> text;
    std::function<std::vector<std::string>()> actions;
    std::string where; ///< "query." or "body.filters."
};

Result<std::optional<scai::UtcTime>> time_of(const Members& members, std::string_view name) {
    const auto text = members.text(name);
    if (!text)
        return std::optional<scai::UtcTime>();
    const auto time = scai::parse_iso8601(*text);
    if (!time)
        return invalid_request(members.where + std::string(name) +
                               " must be an RFC 3339 time, 2026-05-01T00:00:00Z");
    return std::optional(*time);
}

Result<Filter> read(const Members& members) {
    Filter out;
    SCAI_TRY(out.from, time_of(members, "from"));
    SCAI_TRY(out.to, time_of(members, "to"));
    if (out.from && out.to && *out.to < *out.from)
        return invalid_request(members.where + "to must not be before " + members.where + "from");
    out.actions = members.actions();
    for (const auto& action : out.actions) {
        SCAI_TRY([[maybe_unused]] const auto known, check_action(members.where, action));
    }
    for (auto [name, into] : {std::pair{"identity_type", &out.identity_type},
                              {"path_prefix", &out.path_prefix},
                              {"source_ip", &out.source_ip},
                              {"request_id", &out.request_id}}) {
        *into = members.text(name).value_or("");
        if (into->size() > max_filter_text)
            return invalid_request(members.where + name + " is longer than 1024 bytes");
    }
    if (!out.identity_type.empty() &&
        std::find(identity_types.begin(), identity_types.end(), out.identity_type) == identity_types.end())
        return invalid_request(members.where +
                               "identity_type must be user, service_account, group, system or anonymous");
    if (!out.source_ip.empty() && !policies::parse_address(out.source_ip))
        return invalid_request(members.where + "source_ip must be an IPv4 or IPv6 address");
    if (const auto identity = members.text("identity_id"); identity && !identity->empty())
        out.identities = {*identity};
    if (const auto success = members.text("success")) {
        if (*success != "true" && *success != "false")
            return invalid_request(members.where + "success must be true or false");
        out.success = *success == "true";
    }
    return out;
}

Value counts(const std::map<std::string, std::int64_t>& by) {
    auto out = Value::object();
    for (const auto& [name, count] : by)
        out.set(name, count);
    return out;
}

} // namespace

std::string to_wire_time(scai::UtcTime time) {
    const auto text = scai::to_iso8601(std::chrono::floor<std::chrono::seconds>(time)); // "...:00Z"
    const auto micros = (time - std::chrono::floor<std::chrono::seconds>(time)).count();
    char fraction[16];
    std::snprintf(fraction, sizeof fraction, ".%06dZ", static_cast<int>(micros));
    return text.substr(0, text.size() - 1) + fraction;
}

Value to_json(const Record& record) {
    const auto extra = scai::json::parse(record.extra);
    return Value::object({{"id", record.id},
                          {"timestamp", to_wire_time(record.at)},
                          {"action", record.action},
                          {"identity_type", record.identity_type},
                          {"identity_id", record.identity_id},
                          {"secret_path", record.secret_path},
                          {"source_ip", record.source_ip},
                          {"user_agent", record.user_agent},
                          {"success", record.success},
                          {"duration_ms", record.duration_ms},
                          {"request_id", record.request_id},
                          {"extra_data", extra ? *extra : Value::object()}});
}

Value to_json(const Summary& summary) {
    const auto time = [](const std::optional<scai::UtcTime>& at) {
        return at ? Value(to_wire_time(*at)) : Value(nullptr);
    };
    return Value::object({{"total_events", summary.total},
                          {"successful_events", summary.successful},
                          {"failed_events", summary.total - summary.successful},
                          {"unique_identities", summary.identities},
                          {"unique_secrets", summary.secrets},
                          {"by_action", counts(summary.by_action)},
                          {"by_identity_type", counts(summary.by_identity_type)},
                          {"first_event_at", time(summary.first_at)},
                          {"last_event_at", time(summary.last_at)}});
}

Result<Filter> filter_of(const scai::web::Request& request) {
    for (const auto& [name, value] : request.query)
        if (name != "limit" && name != "cursor") {
            SCAI_TRY([[maybe_unused]] const auto known, check_name("query.", name));
        }
    return read({[&](std::string_view name) { return request.query_text(name); },
                 [&] { return scai::split_list(request.query_text("action").value_or("")); }, "query."});
}

Result<Filter> filter_of(const Value& object, const std::string& where) {
    for (const auto* name :
         {"from", "to", "identity_id", "identity_type", "path_prefix", "source_ip", "request_id"})
        if (const auto value = object.get(name); value.present() && !value.is_null() && !value.is_string())
            return invalid_request(where + name + " must be a text");
    if (const auto success = object.get("success");
        success.present() && !success.is_null() && !success.boolean() && !success.is_string())
        return invalid_request(where + "success must be true or false");
    std::vector<std::string> actions;
    bool texts = true;
    const auto action = object.get("action");
    if (action.is_string())
        actions = scai::split_list(*action.text());
    else if (action.is_array())
        action.each_item([&](const Value& item) {
            texts = texts && item.is_string();
            actions.push_back(item.text_or(""));
        });
    else
        texts = !action.present() || action.is_null();
    if (!texts)
        return invalid_request(where + "action must be a text or a list of texts");
    return read({[&](std::string_view name) -> std::optional<std::string> {
                     const auto value = object.get(name);
                     if (const auto flag = value.boolean())
                         return *flag ? "true" : "false";
                     return value.text();
                 },
                 [&] { return actions; }, where});
}

scai::Status check_names(const Value& filters, const std::string& where) {
    scai::Status out = scai::Done{};
    filters.each_member([&](std::string_view name, const Value&) {
        if (out)
            out = check_name(where, name);
    });
    return out;
}

Value to_json(const Filter& filter) {
    auto out = Value::object();
    const auto set = [&out](const char* name, const std::string& text) {
        if (!text.empty())
            out.set(name, text);
    };
    set("from", filter.from ? to_wire_time(*filter.from) : "");
    set("to", filter.to ? to_wire_time(*filter.to) : "");
    if (!filter.actions.empty())
        out.set("action", Value::array_of(filter.actions));
    set("identity_id", filter.identities.empty() ? "" : filter.identities.front());
    set("identity_type", filter.identity_type);
    set("path_prefix", filter.path_prefix);
    set("source_ip", filter.source_ip);
    set("request_id", filter.request_id);
    if (filter.success)
        out.set("success", *filter.success);
    return out;
}

} // namespace scaivault::audit
