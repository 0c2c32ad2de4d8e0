// The parts of the client that need no network: headers, origins, retry delays. SPDX-License-Identifier:
// Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/http/client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <ctime>
#include <memory>

namespace scai::http {

std::string Response::header(std::string_view name) const {
    for (const auto& [key, value] : headers)
        if (iequals(key, name))
            return value;
    return {};
}

std::string origin_of(std::string_view url) {
    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), curl_url_cleanup);
    if (!parsed || url.find('\0') != std::string_view::npos ||
        curl_url_set(parsed.get(), CURLUPART_URL, std::string(url).c_str(), CURLU_DISALLOW_USER) != CURLUE_OK)
        return {};
    const auto part = [&](CURLUPart which, unsigned flags) {
        char* text = nullptr;
        std::string out;
        if (curl_url_get(parsed.get(), which, &text, flags) == CURLUE_OK)
            out = text;
        curl_free(text);
        return out;
    };
    const std::string scheme = to_lower(part(CURLUPART_SCHEME, 0));
    const std::string host = to_lower(part(CURLUPART_HOST, 0));
    if ((scheme != "http" && scheme != "https") || host.empty())
        return {};
    const std::string port = part(CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
    return scheme + "://" + host + (port.empty() ? "" : ":" + port);
}

std::chrono::milliseconds retry_delay(int attempt, std::string_view retry_after, double random) {
    using std::chrono::milliseconds;
    constexpr milliseconds longest{120000};
    const std::string text(trim(retry_after));
    if (const auto seconds = parse_int(text); seconds && *seconds >= 0)
        return *seconds >= 120 ? longest : milliseconds{*seconds * 1000};
    if (const std::time_t when = text.empty() ? -1 : curl_getdate(text.c_str(), nullptr); when >= 0) {
        const std::int64_t seconds = std::max<std::int64_t>(0, when - std::time(nullptr));
        return std::min(longest, milliseconds{seconds * 1000});
    }
    const double base =
        500.0 * static_cast<double>(1U << static_cast<unsigned>(std::clamp(attempt - 1, 0, 8)));
    return std::min(longest, milliseconds{static_cast<std::int64_t>(base * (0.5 + random))});
}

} // namespace scai::http
