// The rules of contract scaikey.md 7 for the claims of a token whose signature is good.
// SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/oidc/refusal.hpp"
#include "lib/oidc/verifier.hpp"

#include <algorithm>
#include <cmath>

namespace scai::oidc {

namespace {

constexpr double last_second = 253402300799.0; ///< end of the year 9999

std::vector<std::string> texts(const json::Value& list) {
    std::vector<std::string> out;
    list.each_item([&](const json::Value& item) {
        if (auto text = item.text())
            out.push_back(std::move(*text));
    });
    return out;
}

/// NumericDate: seconds, perhaps with a fraction.
std::optional<UtcTime> time_claim(const json::Value& claim) {
    const auto number = claim.number();
    if (!number || !std::isfinite(*number))
        return std::nullopt;
    return from_unix_seconds(static_cast<std::int64_t>(std::floor(std::clamp(*number, 0.0, last_second))));
}

std::optional<Error> check_times(const json::Value& claims, std::chrono::seconds leeway, UtcTime now) {
    const auto expires = time_claim(claims.get("exp"));
    if (!expires)
        return refused("no exp claim");
    if (now >= *expires + leeway)
        return refused("Signature has expired");
    for (const auto& [name, words] :
         {std::pair{"nbf", "not yet valid (nbf)"}, {"iat", "issued in the future (iat)"}}) {
        const json::Value claim = claims.get(name);
        if (!claim.present() || claim.is_null())
            continue;
        const auto from = time_claim(claim);
        if (!from)
            return refused(std::string("broken ") + name + " claim");
        if (now + leeway < *from)
            return refused(words);
    }
    return std::nullopt;
}

bool issuer_known(const std::string& issuer, const std::string& tenant,
                  const std::vector<std::string>& issuers) {
    return !issuer.empty() && std::any_of(issuers.begin(), issuers.end(), [&](const std::string& known) {
        return !known.empty() &&
               (issuer == known || (!tenant.empty() && issuer == known + "/tenants/" + tenant));
    });
}

} // namespace

Result<Claims> check_claims(const json::Value& claims, const std::vector<std::string>& issuers,
                            const Expectations& expectations, UtcTime now) {
    if (auto error = check_times(claims, expectations.leeway, now))
        return *error;
    Claims out;
    out.expires_at = *time_claim(claims.get("exp"));
    out.issuer = claims.member("iss");
    out.tenant_id = claims.member("tenant_id");
    if (!issuer_known(out.issuer, out.tenant_id, issuers))
        return refused("Issuer doesn't match");
    const json::Value audience = claims.get("aud");
    out.audiences = audience.is_string() ? std::vector{audience.text_or("")} : texts(audience);
    const auto expected = [&](const std::string& name) {
        const auto& accepted = expectations.audiences;
        return !name.empty() && std::find(accepted.begin(), accepted.end(), name) != accepted.end();
    };
    if (std::none_of(out.audiences.begin(), out.audiences.end(), expected))
        return refused("Audience doesn't match");
    out.subject = claims.member("sub");
    if (out.subject.empty())
        return refused("no sub claim");
    out.client_id = claims.member("client_id");
    out.service = claims.member("token_type") == "client_credentials" || out.subject == out.client_id;
    if (out.tenant_id.empty() && !out.service)
        return refused("no tenant_id claim");
    out.email = claims.member("email");
    out.name = claims.member("name");
    out.role = claims.member("role");
    out.scopes = split_list(claims.member("scope"), ' ');
    out.roles = texts(claims.get("roles"));
    out.permissions = texts(claims.get("permissions"));
    out.groups = texts(claims.get("groups"));
    out.raw = claims;
    return out;
}

} // namespace scai::oidc
