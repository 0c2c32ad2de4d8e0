// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/seal/kms_remote.hpp"
#include "lib/crypto/crypto.hpp"

#include <cstring>

namespace scaivault::seal {

namespace {

using scai::SecretText;

constexpr std::size_t largest_answer = 64U << 10U;

/// The text between the quotes after `"name" :`, as it is in the body.
std::string_view raw_field(std::string_view body, std::string_view name) {
    const std::string quoted = '"' + std::string(name) + '"';
    std::size_t at = body.find(quoted);
    if (at == body.npos)
        return {};
    at = body.find_first_not_of(" \t\r\n", at + quoted.size());
    if (at == body.npos || body[at] != ':')
        return {};
    at = body.find_first_not_of(" \t\r\n", at + 1);
    if (at == body.npos || body[at] != '"')
        return {};
    const std::size_t end = body.find('"', at + 1);
    return end == body.npos ? std::string_view{} : body.substr(at + 1, end - at - 1);
}

} // namespace

void wipe(std::string& text) {
    explicit_bzero(text.data(), text.size());
    text.clear();
}

SecretRequest::SecretRequest() {
    method = "POST";
    connect_timeout = std::chrono::milliseconds(1500);
    timeout = std::chrono::milliseconds(3000);
    max_body = largest_answer;
    body.reserve(1024); // so that it is not moved, and left behind, while it grows
}

SecretRequest::~SecretRequest() {
    wipe(body);
}

void SecretRequest::add_base64(std::string_view name, std::string_view bytes, std::string_view then) {
    std::string encoded = scai::crypto::base64(bytes);
    body += '"';
    body += name;
    body += "\":\"";
    body += encoded;
    body += '"';
    body += then;
    wipe(encoded);
}

scai::Result<scai::http::Response> send_to_kms(scai::http::Client& http, SecretRequest& request,
                                               std::string_view provider) {
    auto response = http.send(request);
    if (!response)
        return kms_unavailable(provider, "no answer: " + response.error().code);
    if (response->status == 429 || response->status >= 500)
        return kms_unavailable(provider, "status " + std::to_string(response->status));
    return response;
}

std::optional<SecretText> take_base64(scai::http::Response& response, std::string_view name) {
    std::string encoded(raw_field(response.body, name));
    std::erase(encoded, '\\'); // some writers escape the slash
    auto bytes = encoded.empty() ? std::nullopt : scai::crypto::from_base64(encoded);
    wipe(encoded);
    wipe(response.body);
    if (!bytes)
        return std::nullopt;
    SecretText out(*bytes);
    wipe(*bytes);
    return out;
}

std::optional<std::string> text_field(std::string_view body, std::string_view name) {
    const std::string_view text = raw_field(body, name);
    if (text.empty() || text.find('\\') != text.npos)
        return std::nullopt;
    return std::string(text);
}

} // namespace scaivault::seal
