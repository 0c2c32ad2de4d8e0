// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/registration/rules.hpp"

#include "lib/base/strings.hpp"

#include <algorithm>
#include <set>

namespace scaiflow::registration {

namespace {

using scai::json::Value;

/// Host and port of an http(s) URL, lower-case.
std::string authority_of(std::string_view url) {
    const auto start = url.find("://");
    if (start == std::string_view::npos)
        return "";
    const auto rest = url.substr(start + 3);
    return scai::to_lower(rest.substr(0, rest.find_first_of("/?#")));
}

std::vector<std::string> texts_of(const Value& list) {
    std::vector<std::string> out;
    list.each_item([&](const Value& item) {
        if (auto text = item.text())
            out.push_back(std::move(*text));
    });
    return out;
}

/// `have` with the missing ones of `want` behind it; nullopt when none is missing.
std::optional<std::vector<std::string>> widened(const Value& have, const std::vector<std::string>& want) {
    auto out = texts_of(have);
    const auto before = out.size();
    for (const auto& item : want)
        if (std::find(out.begin(), out.end(), item) == out.end())
            out.push_back(item);
    if (out.size() == before)
        return std::nullopt;
    return out;
}

/// NAME of a NAME=VALUE line, as lib/config reads it; "" for anything else.
std::string_view name_of(std::string_view line) {
    line = scai::trim(line);
    if (line.empty() || line.front() == '#')
        return "";
    if (line.starts_with("export "))
        line = scai::trim(line.substr(7));
    const auto equals = line.find('=');
    return equals == std::string_view::npos ? std::string_view() : scai::trim(line.substr(0, equals));
}

std::string env_line(std::string_view name, std::string_view value) {
    const bool quote = !value.empty() && (value.find_first_of(" \t") != std::string_view::npos ||
                                          value.front() == '\'' || value.front() == '"');
    const char mark = value.find('\'') == std::string_view::npos ? '\'' : '"';
    std::string line(name);
    line += '=';
    if (quote)
        line += mark;
    line += value;
    if (quote)
        line += mark;
    line += '\n';
    return line;
}

} // namespace

scai::Error usage(std::string message) {
    scai::Error error;
    error.kind = scai::ErrorKind::bad_request;
    error.code = "usage";
    error.message = std::move(message);
    return error;
}

std::vector<std::string> wanted_scopes() {
    return {"openid",     "profile",     "email",      "offline_access",
            "admin:read", "admin:write", "users:read", "groups:read"};
}

scai::Result<std::string> clean_url(std::string_view url, std::string_view option) {
    url = scai::trim(url);
    const bool http = url.starts_with("http://") || url.starts_with("https://");
    const auto authority = authority_of(url);
    if (!http || authority.empty() || authority.find('@') != std::string::npos ||
        url.find_first_of("?#\\ \t\r\n\"'<>") != std::string_view::npos)
        return usage(std::string(option) +
                     " must be an absolute http:// or https:// URL without user, query or "
                     "fragment");
    while (url.ends_with('/'))
        url.remove_suffix(1);
    return std::string(url);
}

bool is_loopback(std::string_view url) {
    auto host = authority_of(url);
    if (host.starts_with("[")) {
        host = host.substr(0, host.find(']') + 1);
    } else {
        host = host.substr(0, host.rfind(':'));
    }
    return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

std::vector<std::string> redirect_uris_for(const std::string& public_url) {
    std::vector<std::string> out{public_url + "/auth/callback"};
    const std::string by_name = "http://localhost", by_number = "http://127.0.0.1";
    if (public_url.starts_with(by_number + ":"))
        out.push_back(by_name + public_url.substr(by_number.size()) + "/auth/callback");
    else if (public_url.starts_with(by_name + ":"))
        out.push_back(by_number + public_url.substr(by_name.size()) + "/auth/callback");
    return out;
}

Value application_body(const Wish& wish) {
    auto body = Value::object({{"name", wish.name},
                               {"application_type", "WEB"},
                               {"scope", wish.scope},
                               {"redirect_uris", Value::array_of(wish.redirect_uris)},
                               {"allowed_origins", Value::array({Value(wish.public_url)})},
                               {"allowed_scopes", Value::array_of(wish.allowed_scopes)}});
    if (!wish.tenant_id.empty())
        body.set("tenant_id", Value(wish.tenant_id));
    if (wish.assign_all_users)
        body.set("assign_all_users", Value(true));
    return body;
}

std::optional<Value> application_patch(const Value& existing, const Wish& wish) {
    auto patch = Value::object();
    if (const auto uris = widened(existing.get("redirect_uris"), wish.redirect_uris))
        patch.set("redirect_uris", Value::array_of(*uris));
    if (const auto origins = widened(existing.get("allowed_origins"), {wish.public_url}))
        patch.set("allowed_origins", Value::array_of(*origins));
    if (const auto scopes = widened(existing.get("allowed_scopes"), wish.allowed_scopes))
        patch.set("allowed_scopes", Value::array_of(*scopes));
    if (wish.assign_all_users && existing.get("assign_all_users").boolean() != true)
        patch.set("assign_all_users", Value(true));
    if (patch.size() == 0)
        return std::nullopt;
    return patch;
}

Value webhook_body(const Wish& wish, std::string_view secret) {
    auto body = Value::object({{"name", wish.name},
                               {"url", wish.webhook_url},
                               {"events", Value::array({Value("tenant.*"), Value("user.*"), Value("group.*"),
                                                        Value("application.*")})},
                               {"secret", Value(secret)}});
    if (!wish.tenant_id.empty())
        body.set("tenant_id", Value(wish.tenant_id));
    return body;
}

Value rows_of(const Value& body) {
    if (body.is_array())
        return body;
    for (const char* key : {"data", "items", "results", "applications", "webhooks"}) {
        auto found = body.get(key);
        if (found.is_array())
            return found;
        if (found.is_object() && found.get("items").is_array())
            return found.get("items");
    }
    return {};
}

Value resource_of(const Value& body) {
    const auto data = body.get("data");
    return !body.get("id").present() && data.is_object() ? data : body;
}

scai::Result<std::string>
merge_env_file(std::string_view text, const std::vector<std::pair<std::string, std::string_view>>& settings) {
    for (const auto& [name, value] : settings)
        if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
            return usage(name + " cannot hold a line break");
    std::string out;
    std::set<std::string, std::less<>> written;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const auto name = name_of(line);
        const auto wanted = std::find_if(settings.begin(), settings.end(),
                                         [&](const auto& setting) { return setting.first == name; });
        if (name.empty() || wanted == settings.end()) {
            out += line;
            out += '\n';
        } else if (written.emplace(name).second) {
            out += env_line(wanted->first, wanted->second);
        } // a second line of the same name would win over ours: dropped
    }
    for (const auto& [name, value] : settings)
        if (!written.contains(name))
            out += env_line(name, value);
    return out;
}

} // namespace scaiflow::registration
