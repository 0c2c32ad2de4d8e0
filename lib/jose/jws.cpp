// Compact JWS: signing, and taking apart what somebody sent. SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/jose/jose.hpp"
#include "lib/jose/libjose.hpp"

#include <algorithm>

namespace scai::jose {

namespace {

constexpr std::size_t max_token = 16U << 10U;

Error refused(std::string reason) {
    Error error;
    error.kind = ErrorKind::unauthenticated;
    error.code = "invalid_token";
    error.message = std::move(reason);
    return error;
}

/// The sender's text, fit to be shown: short and printable.
std::string printable(std::string_view text) {
    const bool plain = !text.empty() && text.size() <= 16 &&
                       std::all_of(text.begin(), text.end(),
                                   [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '\\'; });
    return plain ? std::string(text) : "of the header";
}

std::optional<json::Value> decode_object(std::string_view part) {
    const auto bytes = crypto::from_base64url(part);
    if (!bytes)
        return std::nullopt;
    auto value = json::parse(*bytes);
    if (!value || !value->is_object())
        return std::nullopt;
    return std::move(*value);
}

Result<Header> read_header(std::string_view part) {
    const auto header = decode_object(part);
    if (!header)
        return refused("not a JWT");
    if (header->get("crit").present()) // RFC 7515 4.1.11: we know no extension, so every one is unknown
        return refused("unknown crit header");
    const auto algorithm = header->get("alg").text();
    if (!algorithm)
        return refused("no alg in the header");
    const json::Value kid = header->get("kid");
    if (kid.present() && !kid.is_string())
        return refused("broken kid header");
    for (const Algorithm known : {Algorithm::rs256, Algorithm::es256})
        if (*algorithm == name(known))
            return Header{known, kid.text_or("")};
    return refused("unsupported alg " + printable(*algorithm));
}

} // namespace

std::string_view name(Algorithm algorithm) {
    switch (algorithm) {
    case Algorithm::rs256:
        return "RS256";
    case Algorithm::es256:
        return "ES256";
    }
    return {};
}

std::string sign(const json::Value& payload, const json::Value& private_jwk) {
    const json::Value header = json::Value::object(
        {{"alg", private_jwk.get("alg")}, {"kid", private_jwk.get("kid")}, {"typ", "JWT"}});
    const json::Value jws = json::Value::object({{"payload", crypto::base64url(payload.dump())}});
    const json::Value signature = json::Value::object({{"protected", header}});
    if (!jose_jws_sig(nullptr, jws.raw(), signature.raw(), private_jwk.raw()))
        broken("signing");
    return jws.member("protected") + "." + jws.member("payload") + "." + jws.member("signature");
}

Result<Parsed> parse(std::string_view token) {
    if (token.size() > max_token)
        return refused("longer than 16 KiB");
    const auto first = token.find('.');
    const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
        return refused("not a JWT");
    SCAI_TRY(Header header, read_header(token.substr(0, first)));
    auto claims = decode_object(token.substr(first + 1, second - first - 1));
    if (!claims)
        return refused("broken payload");
    auto signature = crypto::from_base64url(token.substr(second + 1));
    if (!signature || signature->empty())
        return refused("broken signature");
    return Parsed{std::move(header), std::move(*claims), std::string(token.substr(0, second)),
                  std::move(*signature)};
}

} // namespace scai::jose
