// The one place that writes the status and the body of an error. SPDX-License-Identifier: Apache-2.0
#include "lib/web/router.hpp"

#include "lib/base/strings.hpp"

namespace scai::web {

namespace {

constexpr std::string_view oauth_prefix = "oauth:";

/// ScaiVault's code of an error that names none (contract scaivault.md 1).
std::string_view default_code(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::bad_request:
        return "invalid_request";
    case ErrorKind::unauthenticated:
        return "authentication_required";
    case ErrorKind::forbidden:
        return "forbidden";
    case ErrorKind::not_found:
        return "not_found";
    case ErrorKind::method_not_allowed:
        return "method_not_allowed";
    case ErrorKind::conflict:
        return "conflict";
    case ErrorKind::gone:
        return "gone";
    case ErrorKind::precondition_failed:
        return "precondition_failed";
    case ErrorKind::too_large:
        return "payload_too_large";
    case ErrorKind::unsupported_media:
        return "unsupported_media_type";
    case ErrorKind::unprocessable:
        return "validation_error";
    case ErrorKind::rate_limited:
        return "rate_limited";
    case ErrorKind::upstream:
        return "upstream_error";
    case ErrorKind::unavailable:
        return "service_unavailable";
    case ErrorKind::timeout:
        return "timeout";
    }
    return "internal_error";
}

/// ScaiGrid's code of an error that names none (contract scaigrid.md 2.2).
std::string_view default_grid_code(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::unauthenticated:
        return "AUTH_TOKEN_INVALID";
    case ErrorKind::forbidden:
        return "AUTHZ_PERMISSION_DENIED";
    case ErrorKind::not_found:
        return "NOT_FOUND";
    case ErrorKind::method_not_allowed:
        return "METHOD_NOT_ALLOWED";
    case ErrorKind::conflict:
    case ErrorKind::gone:
    case ErrorKind::precondition_failed:
        return "CONFLICT";
    case ErrorKind::rate_limited:
        return "RATE_LIMITED";
    case ErrorKind::upstream:
        return "BACKEND_ERROR";
    case ErrorKind::unavailable:
        return "SERVICE_UNAVAILABLE";
    case ErrorKind::timeout:
        return "BACKEND_TIMEOUT";
    case ErrorKind::bad_request:
    case ErrorKind::too_large:
    case ErrorKind::unsupported_media:
    case ErrorKind::unprocessable:
        return "VALIDATION_ERROR";
    }
    return "INTERNAL_ERROR";
}

/// "body.items[2].name" -> ["body","items",2,"name"], FastAPI's spelling of a place.
json::Value location(std::string_view path) {
    auto out = json::Value::array();
    while (!path.empty()) {
        const auto dot = std::min(path.find('.'), path.size());
        auto part = path.substr(0, dot);
        path.remove_prefix(std::min(path.size(), dot + 1));
        const auto bracket = part.find('[');
        out.push(part.substr(0, bracket));
        while (bracket != std::string_view::npos && !part.empty()) {
            const auto open = part.find('[');
            const auto close = part.find(']', open == std::string_view::npos ? 0 : open);
            if (open == std::string_view::npos || close == std::string_view::npos)
                break;
            if (const auto index = parse_int(part.substr(open + 1, close - open - 1)))
                out.push(*index);
            part.remove_prefix(close + 1);
        }
    }
    return out;
}

void add_details(const Error& error, json::Value& into) {
    if (error.details.empty())
        return;
    if (const auto more = json::parse(error.details))
        more->each_member([&](std::string_view key, const json::Value& value) { into.set(key, value); });
}

json::Value scaiflow_body(const Error& error) {
    auto body = json::Value::object();
    if (!error.fields.empty()) {
        auto list = json::Value::array();
        for (const auto& field : error.fields)
            list.push(json::Value::object(
                {{"loc", location(field.path)}, {"msg", field.message}, {"type", field.type}}));
        return body.set("detail", list);
    }
    if (error.code.empty())
        return body.set("detail", error.message);
    auto detail = json::Value::object({{"error", error.code}, {"message", error.message}});
    if (!error.fix.empty())
        detail.set("fix", error.fix);
    for (const auto& [key, value] : error.extra)
        detail.set(key, value);
    add_details(error, detail);
    return body.set("detail", detail);
}

/// Names the first wrong field, because a client shows the message and nothing else.
std::string message_naming_field(const Error& error) {
    if (error.fields.empty() || error.message.starts_with(error.fields.front().path))
        return error.message;
    const auto& first = error.fields.front();
    std::string out = first.path + ": " + first.message;
    if (!error.message.empty() && error.message != first.message)
        out = error.message + ": " + out;
    if (error.fields.size() > 1)
        out += " (and " + std::to_string(error.fields.size() - 1) + " more)";
    return out;
}

json::Value scaivault_body(const Error& error, std::string_view request_id) {
    auto inner = json::Value::object(
        {{"code", error.code.empty() ? default_code(error.kind) : std::string_view(error.code)},
         {"message", message_naming_field(error)}});
    auto details = json::Value::object();
    if (!error.fields.empty()) {
        auto list = json::Value::array();
        for (const auto& field : error.fields)
            list.push(json::Value::object({{"field", field.path}, {"message", field.message}}));
        details.set("fields", list);
    }
    if (!error.fix.empty())
        details.set("fix", error.fix);
    for (const auto& [key, value] : error.extra)
        details.set(key, value);
    add_details(error, details);
    if (details.size() > 0)
        inner.set("details", details);
    inner.set("request_id", request_id);
    return json::Value::object({{"error", inner}});
}

json::Value scaigrid_frame(json::Value error, std::string_view request_id) {
    return json::Value::object({{"status", "error"},
                                {"error", std::move(error)},
                                {"meta", json::Value::object({{"request_id", request_id}})}});
}

json::Value scaigrid_body(const Error& error, std::string_view request_id) {
    std::string message = error.message;
    if (message.empty() && !error.fields.empty())
        message = error.fields.front().path + " " + error.fields.front().message;
    auto inner = json::Value::object(
        {{"code", error.code.empty() ? default_grid_code(error.kind) : std::string_view(error.code)},
         {"message", message}});
    if (error.retry_after_seconds)
        inner.set("retry_after", *error.retry_after_seconds);
    if (!error.fields.empty()) {
        auto list = json::Value::array();
        for (const auto& field : error.fields)
            list.push(json::Value::object({{"field", field.path}, {"message", field.message}}));
        inner.set("details", list);
    }
    if (!error.fix.empty())
        inner.set("fix", error.fix);
    for (const auto& [key, value] : error.extra)
        inner.set(key, value);
    add_details(error, inner);
    return scaigrid_frame(std::move(inner), request_id);
}

/// RFC 6749 5.2.
json::Value oauth_body(const Error& error) {
    auto body = json::Value::object({{"error", std::string_view(error.code).substr(oauth_prefix.size())}});
    if (!error.message.empty())
        body.set("error_description", error.message);
    for (const auto& [key, value] : error.extra)
        body.set(key, value);
    return body;
}

json::Value body_of(const Error& error, Envelope envelope, std::string_view request_id) {
    if (std::string_view(error.code).starts_with(oauth_prefix))
        return oauth_body(error);
    switch (envelope) {
    case Envelope::scaiflow:
        return scaiflow_body(error);
    case Envelope::scaivault:
        return scaivault_body(error, request_id);
    case Envelope::scaigrid:
        break;
    }
    return scaigrid_body(error, request_id);
}

} // namespace

int status_of(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::bad_request:
        return 400;
    case ErrorKind::unauthenticated:
        return 401;
    case ErrorKind::forbidden:
        return 403;
    case ErrorKind::not_found:
        return 404;
    case ErrorKind::method_not_allowed:
        return 405;
    case ErrorKind::conflict:
        return 409;
    case ErrorKind::gone:
        return 410;
    case ErrorKind::precondition_failed:
        return 412;
    case ErrorKind::too_large:
        return 413;
    case ErrorKind::unsupported_media:
        return 415;
    case ErrorKind::unprocessable:
        return 422;
    case ErrorKind::rate_limited:
        return 429;
    case ErrorKind::upstream:
        return 502;
    case ErrorKind::unavailable:
        return 503;
    case ErrorKind::timeout:
        return 504;
    }
    return 500;
}

Response error_response(const Error& error, Envelope envelope, std::string_view request_id) {
    auto response = Response::json(body_of(error, envelope, request_id), status_of(error.kind));
    if (response.status == 401) {
        // RFC 6749 5.2 asks for Basic after a failed client authentication, RFC 6750 3 for Bearer otherwise.
        if (error.code == "oauth:invalid_client")
            response.header("WWW-Authenticate", "Basic realm=\"token\"");
        else if (error.code == "oauth:invalid_token")
            response.header("WWW-Authenticate", "Bearer error=\"invalid_token\"");
        else
            response.header("WWW-Authenticate", "Bearer");
    }
    if (error.retry_after_seconds)
        response.header("Retry-After", std::to_string(*error.retry_after_seconds));
    return response;
}

Response internal_error_response(std::string_view reference, Envelope envelope, std::string_view request_id) {
    auto body = json::Value::object();
    if (envelope == Envelope::scaiflow)
        body.set("detail", json::Value::object({{"error", "internal_error"},
                                                {"message", "something unexpected went wrong"},
                                                {"reference", reference}}));
    else if (envelope == Envelope::scaigrid)
        body = scaigrid_frame(json::Value::object({{"code", "INTERNAL_ERROR"},
                                                   {"message", "something unexpected went wrong"},
                                                   {"reference", reference}}),
                              request_id);
    else
        body.set("error", json::Value::object({{"code", "internal_error"},
                                               {"message", "something unexpected went wrong"},
                                               {"details", json::Value::object({{"reference", reference}})},
                                               {"request_id", request_id}}));
    return Response::json(body, 500);
}

} // namespace scai::web
