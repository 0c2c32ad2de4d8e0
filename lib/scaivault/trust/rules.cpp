// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/trust/rules.hpp"

#include "lib/json/decode.hpp"
#include "lib/scaivault/policies/conditions.hpp"
#include "lib/scaivault/policies/pattern.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace scaivault::trust {

using scai::Result;
using scai::json::Value;

namespace {

constexpr std::chrono::seconds leeway{60};
constexpr std::chrono::seconds longest_ttl{24 * 3600};
constexpr std::size_t most_items = 100;
constexpr double last_second = 253402300799.0; ///< end of the year 9999

/// The claim, or the one a dotted name leads to; names with dots of their own go first.
Value claim_of(const Value& claims, std::string_view name) {
    if (const auto whole = claims.get(name); whole.present())
        return whole;
    for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1))
        if (const auto inner = claims.get(name.substr(0, dot)); inner.is_object())
            if (const auto found = claim_of(inner, name.substr(dot + 1)); found.present())
                return found;
    return {};
}

std::optional<std::string> as_text(const Value& value) {
    if (auto text = value.text())
        return text;
    if (const auto number = value.integer(); number && value.is_integer())
        return std::to_string(*number);
    if (const auto flag = value.boolean())
        return *flag ? "true" : "false";
    return std::nullopt;
}

bool meets(const std::vector<std::string>& globs, const Value& claim) {
    const auto one = [&](const Value& value) {
        const auto text = as_text(value);
        return text && std::any_of(globs.begin(), globs.end(),
                                   [&](const auto& glob) { return policies::glob_matches(glob, *text); });
    };
    if (!claim.is_array())
        return one(claim);
    bool found = false;
    claim.each_item([&](const Value& item) { found = found || one(item); });
    return found;
}

std::optional<scai::UtcTime> time_claim(const Value& claims, const char* name) {
    const auto number = claims.get(name).number();
    if (!number || !std::isfinite(*number))
        return std::nullopt;
    return scai::from_unix_seconds(static_cast<std::int64_t>(std::clamp(*number, 0.0, last_second)));
}

std::optional<std::string> badly_timed(const Value& claims, scai::UtcTime now) {
    const auto expires = time_claim(claims, "exp");
    if (!expires || now >= *expires + leeway)
        return "exp";
    for (const char* name : {"nbf", "iat"})
        if (claims.get(name).present()) {
            const auto from = time_claim(claims, name);
            if (!from || now + leeway < *from)
                return name;
        }
    return std::nullopt;
}

bool usable_url(const std::string& url, bool http_allowed) {
    const bool scheme = url.starts_with("https://") || (http_allowed && url.starts_with("http://"));
    return scheme && url.size() <= 500 && url.find_first_of(" \t\r\n#@") == std::string::npos;
}

bool usable_identity(std::string_view identity) {
    constexpr std::string_view prefix = "sa:";
    return identity.starts_with(prefix) && identity.size() > prefix.size() && identity.size() <= 128 &&
           std::all_of(identity.begin() + prefix.size(), identity.end(), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '-' || c == '.';
           });
}

/// The vocabulary of contract scaivault.md 1.0: a misspelt scope would give tokens that can do nothing.
constexpr std::array<std::string_view, 21> known_scopes{
    "secrets:read",     "secrets:write",      "secrets:delete",
    "secrets:list",     "secrets:rotate",     "policies:read",
    "policies:write",   "audit:read",         "audit:export",
    "pki:issue",        "pki:admin",          "dynamic:read",
    "dynamic:manage",   "dynamic:generate",   "federation:read",
    "federation:write", "subscriptions:read", "subscriptions:write",
    "identity:read",    "identity:admin",     "admin",
};

bool usable_scope(std::string_view scope) {
    return std::find(known_scopes.begin(), known_scopes.end(), scope) != known_scopes.end();
}

/// {"repository": "acme/app"} or {"ref": ["refs/heads/main", "refs/tags/*"]}
ClaimPatterns parse_claims(scai::json::Fields& fields, const Value& claims) {
    ClaimPatterns out;
    if (!claims.is_object() || claims.size() == 0 || claims.size() > most_items) {
        fields.reject("claims", "must be an object of claims that are pinned, one at least: whoever has any "
                                "token of the issuer would get in otherwise");
        return out;
    }
    claims.each_member([&](std::string_view name, const Value& value) {
        auto& globs = out[std::string(name)];
        if (auto text = value.text())
            globs.push_back(std::move(*text));
        value.each_item([&](const Value& item) { globs.push_back(item.text_or("")); });
        const bool empty = globs.empty() || globs.size() > most_items ||
                           std::any_of(globs.begin(), globs.end(), [](const auto& g) { return g.empty(); });
        if (empty)
            fields.reject("claims." + std::string(name), "must be a text or a list of texts");
    });
    const auto open = [](const std::string& glob) {
        return glob.find_first_not_of("*?") == std::string::npos;
    };
    const bool pinned = std::any_of(out.begin(), out.end(), [&](const auto& claim) {
        return !claim.second.empty() && std::none_of(claim.second.begin(), claim.second.end(), open);
    });
    if (!out.empty() && !pinned)
        fields.reject("claims", "must pin one claim to more than wildcards");
    return out;
}

} // namespace

std::optional<std::string> unmet(const Trust& trust, const Value& claims, scai::UtcTime now) {
    if (auto time = badly_timed(claims, now))
        return time;
    const auto audience = claims.get("aud");
    if (!meets({trust.audience}, audience))
        return "aud";
    if (claims.member("sub").empty())
        return "sub";
    for (const auto& [name, globs] : trust.claims)
        if (!meets(globs, claim_of(claims, name)))
            return name;
    return std::nullopt;
}

Result<Trust> parse_trust(const Value& body, bool http_allowed) {
    scai::json::Fields fields(body, "");
    Trust out;
    out.name = fields.text("name", {.max = 100});
    out.issuer = fields.text("issuer", {.max = 500});
    out.jwks_url = fields.optional_text("jwks_url", {.max = 500}).value_or("");
    out.audience = fields.text("audience", {.max = 200});
    out.identity = fields.text("identity", {.max = 128});
    out.scopes = fields.optional_text_list("scopes");
    if (out.scopes.empty())
        fields.reject("scopes", "must be a list of scopes such as secrets:read");
    out.allowed_paths = fields.optional_text_list("allowed_paths");
    const auto ttl = fields.optional_text("max_ttl", {.max = 20}).value_or("1h");
    out.is_active = fields.optional_boolean("is_active").value_or(true);
    out.claims = parse_claims(fields, body.get("claims"));
    if (!out.issuer.empty() && !usable_url(out.issuer, http_allowed))
        fields.reject("issuer", "must be an https URL, exactly as the tokens name it");
    if (!out.jwks_url.empty() && !usable_url(out.jwks_url, http_allowed))
        fields.reject("jwks_url", "must be an https URL");
    if (out.audience.find_first_of("*?") != std::string::npos)
        fields.reject("audience", "must be one audience, without wildcards");
    if (!out.identity.empty() && !usable_identity(out.identity))
        fields.reject("identity", "must be sa:<name> of letters, digits, _ - .");
    else if (out.scopes.size() > most_items ||
             !std::all_of(out.scopes.begin(), out.scopes.end(), usable_scope))
        fields.reject("scopes", "must be a list of scopes such as secrets:read");
    for (std::size_t i = 0; i < out.allowed_paths.size(); ++i)
        if (const auto pattern = policies::Pattern::parse(out.allowed_paths[i]); !pattern)
            fields.reject("allowed_paths[" + std::to_string(i) + "]", pattern.error().message);
    const auto duration = policies::parse_duration(ttl);
    if (!duration || *duration > longest_ttl || *duration < std::chrono::seconds(60))
        fields.reject("max_ttl", "must be a duration from 1m to 24h");
    else
        out.max_ttl = *duration;
    if (auto error = fields.error())
        return std::move(*error);
    return out;
}

Value to_json(const Trust& trust) {
    auto claims = Value::object();
    for (const auto& [name, globs] : trust.claims)
        claims.set(name, Value::array_of(globs));
    return Value::object({{"id", trust.id},
                          {"name", trust.name},
                          {"issuer", trust.issuer},
                          {"jwks_url", trust.jwks_url.empty() ? Value(nullptr) : Value(trust.jwks_url)},
                          {"audience", trust.audience},
                          {"claims", claims},
                          {"identity", trust.identity},
                          {"scopes", Value::array_of(trust.scopes)},
                          {"allowed_paths", Value::array_of(trust.allowed_paths)},
                          {"max_ttl_seconds", std::int64_t{trust.max_ttl.count()}},
                          {"is_active", trust.is_active},
                          {"created_at", scai::to_iso8601(trust.created_at)},
                          {"created_by", trust.created_by}});
}

} // namespace scaivault::trust
