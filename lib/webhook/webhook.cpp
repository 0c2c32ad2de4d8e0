// SPDX-License-Identifier: Apache-2.0
#include "lib/webhook/webhook.hpp"

#include "lib/crypto/crypto.hpp"

#include <algorithm>
#include <array>

namespace scai::webhook {

std::optional<std::chrono::seconds> retry_after(int attempt) {
    using std::chrono::seconds;
    constexpr std::array ladder = {seconds(30), seconds(120), seconds(600), seconds(1800), seconds(7200)};
    if (attempt < 1 || static_cast<std::size_t>(attempt) > ladder.size())
        return std::nullopt;
    return ladder[static_cast<std::size_t>(attempt) - 1];
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

std::string timestamped_hmac(std::string_view secret, std::int64_t unix_seconds, std::string_view body) {
    std::string text = std::to_string(unix_seconds) + ".";
    text += body;
    return crypto::to_hex(crypto::hmac_sha256(secret, text));
}

std::string standard_signature(std::string_view secret, std::string_view id, std::int64_t unix_seconds,
                               std::string_view body) {
    constexpr std::string_view prefix = "whsec_";
    std::optional<std::string> key;
    if (secret.starts_with(prefix))
        key = crypto::from_base64(secret.substr(prefix.size()));
    std::string text = std::string(id) + "." + std::to_string(unix_seconds) + ".";
    text += body;
    const auto mac = crypto::hmac_sha256(key && !key->empty() ? std::string_view(*key) : secret, text);
    return "v1," + crypto::base64(mac);
}

Outcome outcome_of(const Result<http::Response>& answer, std::chrono::milliseconds took) {
    Outcome out;
    out.took = took;
    if (!answer) {
        out.error = answer.error().message;
        return out;
    }
    out.status = answer->status;
    if (answer->status < 200 || answer->status > 299)
        out.error = "HTTP " + std::to_string(answer->status) +
                    (answer->status >= 300 && answer->status < 400 ? ": redirects are not followed" : "");
    return out;
}

http::Request post(std::string url, std::string body, std::chrono::milliseconds timeout) {
    http::Request out;
    out.method = "POST";
    out.url = std::move(url);
    out.body = std::move(body);
    out.timeout = timeout;
    out.connect_timeout = std::min<std::chrono::milliseconds>(timeout, std::chrono::seconds(5));
    out.max_body = 64U << 10U;
    return out;
}

void send(http::Fleet& fleet, http::Request request, std::function<void(const Outcome&)> done) {
    // Counted from when it is handed over: with a fleet as wide as its batch that is when it starts.
    const auto start = std::chrono::steady_clock::now();
    fleet.add(std::move(request), [start, done = std::move(done)](const Result<http::Response>& answer) {
        done(outcome_of(answer, std::chrono::duration_cast<std::chrono::milliseconds>(
                                    std::chrono::steady_clock::now() - start)));
    });
}

} // namespace scai::webhook
