// The signature check of webhooks. SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/directory/events/rules.hpp"

#include <string>
#include <vector>

namespace scai::directory::events {

using scai::Error;
using scai::ErrorKind;

namespace {

Error refused(std::string why) {
    return Error{.kind = ErrorKind::bad_request, .message = std::move(why)};
}

/// Calls `part` for each piece between commas, trimmed, without the empty ones; copies nothing.
template<class Part>
void each_part(std::string_view list, Part part) {
    while (!list.empty()) {
        const auto comma = list.find(',');
        const std::string_view piece = scai::trim(list.substr(0, comma));
        if (!piece.empty())
            part(piece);
        list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    }
}

struct SignatureHeader {
    std::string_view t;
    bool t_repeated = false;
    std::vector<std::string_view> v1;
};

SignatureHeader take_apart(std::string_view header) {
    SignatureHeader out;
    each_part(header, [&](std::string_view part) {
        const auto equals = part.find('=');
        if (equals == std::string_view::npos)
            return;
        const auto key = scai::trim(part.substr(0, equals));
        const auto value = scai::trim(part.substr(equals + 1));
        if (key == "t") {
            out.t_repeated = !out.t.empty();
            out.t = value;
        } else if (key == "v1" && out.v1.size() < 16) { // more than a rotation can need
            out.v1.push_back(value);
        }
    });
    return out;
}

} // namespace

scai::Status check_signature(std::string_view secrets, const SignedRequest& request, scai::UtcTime now,
                             std::chrono::seconds window) {
    if (scai::trim(request.signature).empty())
        return refused("missing signature: header X-ScaiKey-Signature is required");
    const SignatureHeader header = take_apart(request.signature);
    if (header.t.empty() || header.t_repeated)
        return refused("missing timestamp: X-ScaiKey-Signature must hold exactly one t=<unix seconds>");
    if (header.v1.empty())
        return refused("missing signature: X-ScaiKey-Signature must hold v1=<hex hmac-sha256>");
    if (scai::trim(request.timestamp).empty())
        return refused("missing timestamp: header X-ScaiKey-Timestamp is required");
    if (scai::trim(request.timestamp) != header.t)
        return refused("bad timestamp: X-ScaiKey-Timestamp differs from t of X-ScaiKey-Signature");
    const auto seconds = scai::parse_int(header.t);
    if (!seconds || *seconds < 0)
        return refused("bad timestamp: unix seconds expected");
    const std::int64_t distance = scai::unix_seconds(now) - *seconds;
    if (distance > window.count() || -distance > window.count())
        return refused("stale timestamp: more than " + std::to_string(window.count()) +
                       " seconds from this server's clock");

    // contract scaikey.md 14.2: ascii(t) + "." + raw body, lower-case hex.
    std::string signed_text(header.t);
    signed_text += '.';
    signed_text += request.body;
    bool good = false;
    each_part(secrets, [&](std::string_view secret) {
        const std::string expected = scai::crypto::to_hex(scai::crypto::hmac_sha256(secret, signed_text));
        for (const auto offered : header.v1)
            good |= scai::crypto::constant_time_equal(expected, offered);
    });
    if (!good)
        return refused("bad signature: X-ScaiKey-Signature does not match the body");
    return scai::Done{};
}

} // namespace scai::directory::events
