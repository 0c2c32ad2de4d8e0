// The steps and names are those of the AWS General Reference, "Create a signed AWS API request".
// SPDX-License-Identifier: Apache-2.0
#include "lib/aws/sigv4.hpp"
#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

namespace scai::aws {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

struct Url {
    std::string host; ///< as curl writes the Host header
    std::string path, query;
};

Url split(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == url.npos)
        throw std::invalid_argument("sign: the URL has no scheme");
    const bool tls = iequals(url.substr(0, scheme), "https");
    std::string_view rest = url.substr(scheme + 3);
    rest = rest.substr(0, rest.find('#'));
    const std::size_t end = rest.find_first_of("/?");
    std::string_view authority = rest.substr(0, end);
    if (const std::size_t at = authority.rfind('@'); at != authority.npos)
        authority.remove_prefix(at + 1);
    const std::string_view default_port = tls ? ":443" : ":80";
    if (authority.ends_with(default_port))
        authority.remove_suffix(default_port.size());
    rest = end == rest.npos ? std::string_view{} : rest.substr(end);
    const std::size_t question = rest.find('?');
    return {to_lower(authority), std::string(rest.substr(0, question)),
            question == rest.npos ? std::string{} : std::string(rest.substr(question + 1))};
}

std::vector<std::string_view> segments(std::string_view path) {
    std::vector<std::string_view> out;
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        out.push_back(path.substr(0, slash));
        path.remove_prefix(slash == path.npos ? path.size() : slash + 1);
        if (slash != path.npos && path.empty())
            out.emplace_back();
    }
    return out;
}

/// RFC 3986 5.2.4, and no empty segments.
std::string without_dots(std::string_view path) {
    std::vector<std::string_view> kept;
    for (const std::string_view segment : segments(path)) {
        if (segment == "..") {
            if (!kept.empty())
                kept.pop_back();
        } else if (!segment.empty() && segment != ".") {
            kept.push_back(segment);
        }
    }
    std::string out;
    for (const std::string_view segment : kept) {
        out += '/';
        out += segment;
    }
    const bool folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    return out.empty() || folder ? out + "/" : out;
}

std::string canonical_path(const Url& url, const Target& target) {
    const std::string path = target.normalize_path ? without_dots(url.path) : url.path;
    if (path.empty())
        return "/";
    if (!target.encode_path_again)
        return path;
    std::string out;
    for (std::size_t start = 0; start <= path.size();) {
        const std::size_t slash = std::min(path.find('/', start), path.size());
        out += percent_encode(std::string_view(path).substr(start, slash - start));
        if (slash < path.size())
            out += '/';
        start = slash + 1;
    }
    return out;
}

/// Names and values decoded and encoded again: one spelling, sorted by it.
std::string canonical_query(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> parameters;
    const auto spelled = [](std::string_view text) {
        return percent_encode(percent_decode(text, /*plus_is_space=*/false).value_or(std::string(text)));
    };
    while (!query.empty()) {
        const std::size_t end = query.find('&');
        const std::string_view part = query.substr(0, end);
        query.remove_prefix(end == query.npos ? query.size() : end + 1);
        if (part.empty())
            continue;
        const std::size_t equals = part.find('=');
        parameters.emplace_back(spelled(part.substr(0, equals)),
                                equals == part.npos ? std::string{} : spelled(part.substr(equals + 1)));
    }
    std::sort(parameters.begin(), parameters.end());
    std::string out;
    for (const auto& [name, value] : parameters)
        out += (out.empty() ? "" : "&") + name + "=" + value;
    return out;
}

/// Trimmed, runs of blanks as one.
std::string canonical_value(std::string_view value) {
    std::string out;
    for (const char c : trim(value)) {
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!blank)
            out += c;
        else if (!out.ends_with(' '))
            out += ' ';
    }
    return out;
}

std::map<std::string, std::string> canonical_headers(const http::Request& request, const Url& url) {
    std::map<std::string, std::string> out{{"host", url.host}};
    for (const auto& [name, value] : request.headers) {
        const std::string lower = to_lower(name);
        if (lower == "authorization" || lower == "host")
            continue;
        const auto [there, fresh] = out.try_emplace(lower, canonical_value(value));
        if (!fresh)
            there->second += "," + canonical_value(value);
    }
    return out;
}

std::string signed_headers(const std::map<std::string, std::string>& headers) {
    std::string out;
    for (const auto& [name, value] : headers)
        out += (out.empty() ? "" : ";") + name;
    return out;
}

std::string body_hash(const http::Request& request) {
    return crypto::to_hex(crypto::sha256(request.body));
}

/// "20150830T123600Z"
std::string basic_time(UtcTime now) {
    const std::string text = to_iso8601(std::chrono::floor<std::chrono::seconds>(now));
    std::string out;
    std::copy_if(text.begin(), text.end(), std::back_inserter(out),
                 [](char c) { return c != '-' && c != ':'; });
    return out;
}

SecretText step(std::string_view key, std::string_view text) {
    std::string made = crypto::hmac_sha256(key, text);
    SecretText out(made);
    explicit_bzero(made.data(), made.size());
    return out;
}

SecretText signing_key(const Credentials& credentials, std::string_view date, const Target& target) {
    std::string start = "AWS4";
    start.reserve(start.size() + credentials.secret_key.size());
    start += credentials.secret_key.reveal();
    SecretText key = step(start, date);
    explicit_bzero(start.data(), start.size());
    for (const std::string_view part : {std::string_view(target.region), std::string_view(target.service),
                                        std::string_view("aws4_request")})
        key = step(key.reveal(), part);
    return key;
}

} // namespace

Target s3(std::string_view region) {
    return {.region = std::string(region),
            .service = "s3",
            .normalize_path = false,
            .encode_path_again = false,
            .content_sha256 = true};
}

std::string canonical_request(const http::Request& request, const Target& target) {
    const Url url = split(request.url);
    const auto headers = canonical_headers(request, url);
    std::string out =
        request.method + "\n" + canonical_path(url, target) + "\n" + canonical_query(url.query) + "\n";
    for (const auto& [name, value] : headers)
        out += name + ":" + value + "\n";
    return out + "\n" + signed_headers(headers) + "\n" + body_hash(request);
}

void sign(http::Request& request, const Credentials& credentials, const Target& target, UtcTime now) {
    // What an earlier signature of the same request left.
    std::erase_if(request.headers, [](const auto& header) {
        return iequals(header.first, "authorization") || iequals(header.first, "x-amz-date") ||
               iequals(header.first, "x-amz-security-token") || iequals(header.first, "x-amz-content-sha256");
    });
    const std::string time = basic_time(now);
    const std::string_view date = std::string_view(time).substr(0, 8);
    request.headers.emplace_back("X-Amz-Date", time);
    if (!credentials.session_token.empty())
        request.headers.emplace_back("X-Amz-Security-Token", credentials.session_token.reveal());
    if (target.content_sha256)
        request.headers.emplace_back("X-Amz-Content-Sha256", body_hash(request));

    const std::string scope =
        std::string(date) + "/" + target.region + "/" + target.service + "/aws4_request";
    std::string text(algorithm);
    text.append("\n").append(time).append("\n").append(scope).append("\n");
    text += crypto::to_hex(crypto::sha256(canonical_request(request, target)));
    const SecretText key = signing_key(credentials, date, target);
    std::string authorization(algorithm);
    authorization += " Credential=" + credentials.access_key + "/" + scope;
    authorization += ", SignedHeaders=" + signed_headers(canonical_headers(request, split(request.url)));
    authorization += ", Signature=" + crypto::to_hex(crypto::hmac_sha256(key.reveal(), text));
    request.headers.emplace_back("Authorization", std::move(authorization));
}

} // namespace scai::aws
