// SPDX-License-Identifier: Apache-2.0
#include "lib/web/http.hpp"

#include "lib/base/strings.hpp"
#include "lib/web/parse.hpp"

#include <stdexcept>

namespace scai::web {

namespace {

/// "application/json" of "Application/JSON; charset=utf-8".
std::string media_type(std::string_view header) {
    return to_lower(trim(header.substr(0, header.find(';'))));
}

Error field_error(std::string path, std::string message, std::string type = "value_error") {
    return Error{.kind = ErrorKind::unprocessable,
                 .message = message,
                 .fields = {{.path = std::move(path), .message = message, .type = std::move(type)}}};
}

} // namespace

std::string_view Request::header(std::string_view lower_name) const {
    const auto found = headers.find(lower_name);
    return found == headers.end() ? std::string_view{} : std::string_view(found->second);
}

const std::string& Request::param(std::string_view name) const {
    const auto found = params.find(name);
    if (found == params.end())
        throw std::logic_error("no such parameter in the route's pattern: " + std::string(name));
    return found->second;
}

std::optional<std::string> Request::query_text(std::string_view name) const {
    const auto found = query.find(name);
    if (found == query.end())
        return std::nullopt;
    return found->second;
}

Result<std::int64_t> Request::query_int(std::string_view name, std::int64_t fallback, std::int64_t min,
                                        std::int64_t max) const {
    const auto text = query_text(name);
    if (!text)
        return fallback;
    const auto number = parse_int(*text);
    if (!number || *number < min || *number > max)
        return field_error("query." + std::string(name),
                           "must be an integer from " + std::to_string(min) + " to " + std::to_string(max),
                           "type_error.integer");
    return *number;
}

Result<json::Value> Request::json_object(bool empty_allowed) const {
    if (body.empty()) {
        if (empty_allowed)
            return json::Value::object();
        return field_error("body", "a JSON object is required", "type_error.object");
    }
    if (media_type(header("content-type")) == "application/x-www-form-urlencoded")
        return Error{.kind = ErrorKind::unsupported_media,
                     .message = "this endpoint takes JSON: send Content-Type: application/json"};
    SCAI_TRY(auto value, json::parse(body));
    if (!value.is_object())
        return field_error("body", "a JSON object is required", "type_error.object");
    return value;
}

Result<std::map<std::string, std::string, std::less<>>> Request::form() const {
    const auto type = media_type(header("content-type"));
    if (!body.empty() && !type.empty() && type != "application/x-www-form-urlencoded")
        return Error{.kind = ErrorKind::unsupported_media,
                     .message = "this endpoint takes a form: send Content-Type: "
                                "application/x-www-form-urlencoded"};
    return parse_pairs(body, "form field");
}

std::map<std::string, std::string> Request::cookies() const {
    std::map<std::string, std::string> out;
    for (const auto& pair : split_list(header("cookie"), ';')) {
        const auto equals = pair.find('=');
        if (equals == std::string::npos || equals == 0)
            continue;
        std::string_view value = trim(std::string_view(pair).substr(equals + 1));
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
            value = value.substr(1, value.size() - 2);
        // RFC 6265 5.4: the longer path comes first, so the first of two equal names is the right one.
        out.emplace(trim(std::string_view(pair).substr(0, equals)), value);
    }
    return out;
}

Response Response::json(const json::Value& value, int status) {
    return text(value.dump(), "application/json", status);
}

Response Response::no_content() {
    Response out;
    out.status = 204;
    return out;
}

Response Response::html(std::string text, int status) {
    return Response::text(std::move(text), "text/html; charset=utf-8", status);
}

Response Response::redirect(const std::string& url, int status) {
    Response out;
    out.status = status;
    out.header("Location", url);
    return out;
}

Response Response::text(std::string text, std::string content_type, int status) {
    Response out;
    out.status = status;
    out.header("Content-Type", std::move(content_type));
    out.body = std::move(text);
    return out;
}

} // namespace scai::web
