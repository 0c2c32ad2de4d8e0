// SPDX-License-Identifier: Apache-2.0
#include "lib/web/gateway.hpp"

#include "lib/base/strings.hpp"
#include "lib/web/parse.hpp"

#include <algorithm>

namespace scai::web {

namespace {

/// What has to wait until every variable was seen.
struct Raw {
    std::string_view request_uri, path_info, script_name, scheme, https, server_name, server_port, length;
};

void add_header(Request& request, std::string_view name, std::string_view value) {
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
        return c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    request.headers.emplace(std::move(lower), value);
}

void take(std::string_view name, std::string_view value, Request& request, Raw& raw) {
    if (name.starts_with("HTTP_")) {
        add_header(request, name.substr(5), value);
    } else if (name == "REQUEST_METHOD") {
        request.method = value;
    } else if (name == "REQUEST_URI") {
        raw.request_uri = value;
    } else if (name == "QUERY_STRING") {
        request.raw_query = value;
    } else if (name == "CONTENT_LENGTH") {
        raw.length = value;
    } else if (name == "CONTENT_TYPE") {
        if (!value.empty())
            request.headers.emplace("content-type", value);
    } else if (name == "REMOTE_ADDR") {
        request.remote_address = value;
    } else if (name == "PATH_INFO") {
        raw.path_info = value;
    } else if (name == "SCRIPT_NAME") {
        raw.script_name = value;
    } else if (name == "REQUEST_SCHEME") {
        raw.scheme = value;
    } else if (name == "HTTPS") {
        raw.https = value;
    } else if (name == "SERVER_NAME") {
        raw.server_name = value;
    } else if (name == "SERVER_PORT") {
        raw.server_port = value;
    }
}

void set_path(Request& request, const Raw& raw, PathSource source, bool escaped_slashes) {
    const bool from_uri =
        !raw.request_uri.empty() && (source == PathSource::request_uri || raw.path_info.empty());
    if (!from_uri) {
        // CGI 1.1 (RFC 3875 4.1.5): PATH_INFO is decoded already.
        request.path = raw.path_info.empty() ? raw.script_name : raw.path_info;
        return;
    }
    const auto question = raw.request_uri.find('?');
    if (request.raw_query.empty() && question != std::string_view::npos)
        request.raw_query = raw.request_uri.substr(question + 1);
    auto path = decode_path(raw.request_uri.substr(0, question), escaped_slashes);
    if (path)
        request.path = std::move(path).value();
    else
        request.problem = path.error().message;
}

bool sane_host(std::string_view host) {
    return !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '-' || c == ':' || c == '[' || c == ']' || c == '_';
    });
}

/// The peer's own word, or, from a trusted proxy only, what the proxy says (design.md section 3).
void set_client(Request& request, const Raw& raw, const ServerSettings& settings) {
    const auto trusted = [&](std::string_view address) {
        return std::find(settings.trusted_proxies.begin(), settings.trusted_proxies.end(), address) !=
               settings.trusted_proxies.end();
    };
    std::string scheme = !raw.scheme.empty()        ? to_lower(raw.scheme)
                         : iequals(raw.https, "on") ? "https"
                                                    : "http";
    std::string host(request.header("host"));
    if (!settings.trusted_proxies.empty() && trusted(request.remote_address)) {
        const auto chain = split_list(request.header("x-forwarded-for"));
        // From the right: the first address that is no proxy of ours is the client.
        const auto client = std::find_if(chain.rbegin(), chain.rend(),
                                         [&](const std::string& address) { return !trusted(address); });
        if (client != chain.rend())
            request.remote_address = *client;
        const auto forwarded_scheme = to_lower(trim(request.header("x-forwarded-proto")));
        if (forwarded_scheme == "http" || forwarded_scheme == "https")
            scheme = forwarded_scheme;
        if (sane_host(request.header("x-forwarded-host")))
            host = request.header("x-forwarded-host");
    }
    if (!settings.base_url.empty()) {
        request.base_url = settings.base_url;
        return;
    }
    if (!sane_host(host)) {
        host = sane_host(raw.server_name) ? raw.server_name : "localhost";
        const bool usual = raw.server_port.empty() || raw.server_port == (scheme == "https" ? "443" : "80");
        if (!usual)
            host.append(":").append(raw.server_port);
    }
    request.base_url = scheme + "://" + host;
}

} // namespace

Arrival read_variables(const char* const* variables, const ServerSettings& settings, PathSource source) {
    Arrival out;
    Raw raw;
    for (; variables != nullptr && *variables != nullptr; ++variables) {
        const std::string_view variable(*variables);
        const auto equals = variable.find('=');
        if (equals != std::string_view::npos)
            take(variable.substr(0, equals), variable.substr(equals + 1), out.request, raw);
    }
    set_path(out.request, raw, source, settings.escaped_slashes);
    set_client(out.request, raw, settings);
    if (!raw.length.empty()) {
        const auto length = parse_int(raw.length);
        if (length && *length >= 0)
            out.content_length = static_cast<std::uint64_t>(*length);
        else
            out.request.problem = "Content-Length is not a number";
    }
    if (out.request.method.empty())
        out.request.problem = "the request has no method";
    return out;
}

const char* reason_phrase(int status) {
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 301:
        return "Moved Permanently";
    case 302:
        return "Found";
    case 303:
        return "See Other";
    case 304:
        return "Not Modified";
    case 307:
        return "Temporary Redirect";
    case 308:
        return "Permanent Redirect";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Content Too Large";
    case 415:
        return "Unsupported Media Type";
    case 422:
        return "Unprocessable Content";
    case 429:
        return "Too Many Requests";
    case 500:
        return "Internal Server Error";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    default:
        return status < 400 ? "OK" : "Error";
    }
}

std::string header_text(const Response& response) {
    constexpr std::size_t usual = 512;
    std::string out;
    out.reserve(usual + response.body.size()); // the body is appended by who sends it
    out.append("Status: ").append(std::to_string(response.status)).append(" ");
    out += reason_phrase(response.status);
    out += "\r\n";
    bool has_length = response.status == 204 || response.status == 304 || response.stream != nullptr;
    for (const auto& [name, value] : response.headers) {
        // A line break in a value would start a header of somebody else's choice.
        if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
            continue;
        has_length = has_length || iequals(name, "Content-Length");
        out.append(name).append(": ").append(value).append("\r\n");
    }
    if (!has_length)
        out.append("Content-Length: ").append(std::to_string(response.body.size())).append("\r\n");
    out += "\r\n";
    return out;
}

} // namespace scai::web
