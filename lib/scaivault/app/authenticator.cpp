// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/authenticator.hpp"

#include "lib/base/strings.hpp"
#include "lib/log/log.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/introspection.hpp"
#include "lib/scaivault/trust/tokens.hpp"

#include <algorithm>

namespace scaivault {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::json::Value;

namespace {

using Shared = std::shared_ptr<const Credential>; // shared with the requests that are being answered

constexpr std::size_t longest_id = 128;

/// RFC 8176 2: methods that are no password.
bool second_factor(std::string_view method) {
    for (const std::string_view known : {"mfa", "otp", "hwk", "swk", "sms", "fpt", "face", "iris", "sc"})
        if (method == known)
            return true;
    return false;
}

std::optional<scai::UtcTime> time_of(const Value& claim) {
    if (const auto seconds = claim.integer())
        return scai::from_unix_seconds(std::clamp<std::int64_t>(*seconds, 0, 253402300799));
    if (const auto text = claim.text())
        return scai::parse_iso8601(*text);
    return std::nullopt;
}

/// `mfa_verified_at`, else the time of the sign-in whose methods (amr) name a second factor.
std::optional<scai::UtcTime> mfa_of(const Value& claims) {
    if (const auto said = time_of(claims.get("mfa_verified_at")))
        return said;
    bool second = false;
    claims.get("amr").each_item(
        [&](const Value& method) { second = second || second_factor(method.text_or("")); });
    if (!second)
        return std::nullopt;
    const auto signed_in = time_of(claims.get("auth_time"));
    return signed_in ? signed_in : time_of(claims.get("iat"));
}

Credential::Reach reach_of(const Value& claims) {
    const auto scope = claims.member("app_scope");
    if (scope == "GLOBAL" && claims.get("platform_token").boolean().value_or(false))
        return Credential::Reach::everything;
    return scope == "PARTNER" ? Credential::Reach::partner : Credential::Reach::tenant;
}

Error unavailable() {
    return Error{.kind = ErrorKind::unavailable,
                 .code = "service_unavailable",
                 .message = "ScaiKey cannot be asked right now",
                 .retry_after_seconds = 5};
}

Error told(const Error& error) {
    if (error.kind != ErrorKind::unauthenticated)
        return unavailable();
    if (error.message.find("Signature has expired") != std::string::npos)
        return unauthenticated("token_expired", "the token has expired");
    return unauthenticated("token_invalid", error.message);
}

} // namespace

std::string_view bearer_token(std::string_view header) {
    constexpr std::string_view scheme = "bearer ";
    if (header.size() <= scheme.size() || !scai::iequals(header.substr(0, scheme.size()), scheme))
        return {};
    return scai::trim(header.substr(scheme.size()));
}

bool sane_id(std::string_view id) {
    return !id.empty() && id.size() <= longest_id && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-' || c == '.';
    });
}

Result<Credential> credential_of(const Value& claims) {
    Credential out;
    out.subject = claims.member("sub");
    out.client_id = claims.member("client_id");
    out.service = claims.member("token_type") == "client_credentials" || out.subject == out.client_id;
    out.tenant_id = claims.member("tenant_id");
    out.partner_id = claims.member("partner_id");
    if (!sane_id(out.subject) || (!out.tenant_id.empty() && !sane_id(out.tenant_id)) ||
        (!out.partner_id.empty() && !sane_id(out.partner_id)))
        return unauthenticated("token_invalid", "invalid token: an id in it has an unexpected form");
    if (out.tenant_id.empty() && !out.service)
        return unauthenticated("token_invalid", "invalid token: no tenant_id claim");
    out.email = claims.member("email");
    out.name = claims.member("name");
    out.scopes = scai::split_list(claims.member("scope"), ' ');
    if (out.service && out.tenant_id.empty())
        out.reach = reach_of(claims);
    out.mfa_verified_at = mfa_of(claims);
    out.issued_at = time_of(claims.get("iat"));
    out.expires_at = time_of(claims.get("exp")).value_or(scai::UtcTime{});
    return out;
}

struct Authenticator::Impl {
    Parts parts;
    Introspection introspection;
    trust::Verifier exchanged;

    explicit Impl(Parts given)
        : parts(std::move(given)), introspection(parts.http, parts.clock, parts.provider, parts.audiences),
          exchanged(parts.pool, parts.clock, parts.issuer) {}
};

Authenticator::Authenticator(Parts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
Authenticator::~Authenticator() = default;

Result<Shared> Authenticator::identify(std::string_view token) {
    if (token.starts_with("skt_"))
        return impl_->introspection.identify(token);
    if (trust::looks_ours(token)) {
        SCAI_TRY(const auto claims, impl_->exchanged.verify(token));
        SCAI_TRY(auto credential, credential_of(claims));
        claims.get("allowed_paths").each_item([&](const Value& glob) {
            credential.allowed_paths.push_back(glob.text_or(""));
        });
        return std::make_shared<const Credential>(std::move(credential));
    }
    const auto claims = impl_->parts.verifier.verify(token);
    if (!claims)
        return told(claims.error());
    SCAI_TRY(auto credential, credential_of((*claims)->raw));
    return std::make_shared<const Credential>(std::move(credential));
}

} // namespace scaivault
