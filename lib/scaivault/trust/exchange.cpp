// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/trust/exchange.hpp"

#include "lib/base/strings.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/jose/jose.hpp"
#include "lib/log/log.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/policies/pattern.hpp"
#include "lib/scaivault/trust/rules.hpp"
#include "lib/scaivault/trust/store.hpp"
#include "lib/scaivault/trust/tokens.hpp"

#include <algorithm>
#include <map>
#include <mutex>

namespace scaivault::trust {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::json::Value;

namespace {

constexpr std::size_t most_issuers = 256;

bool contains(const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

Error denied(const std::string& why) {
    return Error{.kind = ErrorKind::forbidden, .code = "access_denied", .message = why};
}

/// Trusts of the issuer that fit what was asked for; the rest does not matter to this caller.
Result<std::vector<Trust>> candidates(Context& context, const Wanted& wanted, const std::string& issuer) {
    auto out = store::of_issuer(context.pool, issuer);
    if (out.empty())
        return unauthenticated("token_invalid", "no trust names the issuer of the subject token");
    std::erase_if(out, [&](const Trust& trust) {
        return (!wanted.role.empty() && trust.identity != wanted.role) ||
               (!wanted.tenant_id.empty() && trust.tenant_id != wanted.tenant_id);
    });
    if (out.empty())
        return unauthenticated("token_invalid",
                               "no trust of the subject token's issuer gives that role or tenant_id");
    return out;
}

Result<std::vector<std::string>> scopes_of(const Trust& trust, const Wanted& wanted) {
    if (!wanted.scopes)
        return trust.scopes;
    for (const auto& scope : *wanted.scopes)
        if (!contains(trust.scopes, scope))
            return insufficient_scope(scope);
    return *wanted.scopes;
}

/// What was asked for must lie inside what the trust allows.
Result<std::vector<std::string>> paths_of(const Trust& trust, const Wanted& wanted) {
    if (wanted.allowed_paths.empty())
        return trust.allowed_paths;
    std::vector<policies::Pattern> allowed;
    for (const auto& text : trust.allowed_paths) {
        SCAI_TRY(auto pattern, policies::Pattern::parse(text));
        allowed.push_back(std::move(pattern));
    }
    for (const auto& text : wanted.allowed_paths) {
        SCAI_TRY(const auto pattern, policies::Pattern::parse(text));
        const bool inside =
            allowed.empty() || std::any_of(allowed.begin(), allowed.end(),
                                           [&](const auto& outer) { return outer.covers(pattern); });
        if (!inside)
            return denied("the trust does not allow the path " + text);
    }
    return wanted.allowed_paths;
}

struct Found {
    std::vector<Trust> trusts;
    bool good_signature = false;
    std::optional<Error> badly_timed;
    std::string unmet_claim; ///< of a token whose signature is good
};

/// exp, nbf or iat is pinned by nobody: the token itself is not good now.
std::optional<Error> of_time(std::string_view claim, const Value& claims) {
    if (claim == "exp" && !claims.get("exp").number())
        return unauthenticated("token_invalid", "the subject token has no exp, which is required");
    if (claim == "exp")
        return unauthenticated("token_expired", "the subject token has expired");
    if (claim == "nbf" || claim == "iat")
        return unauthenticated("token_invalid", "the subject token is not valid yet: its " +
                                                    std::string(claim) + " lies in the future");
    return std::nullopt;
}

Result<Found> matching(Context& context, Issuers& issuers, std::vector<Trust> trusts,
                       const scai::jose::Parsed& parsed) {
    Found out;
    std::optional<Error> no_keys;
    for (auto& trust : trusts) {
        const auto keys = issuers.keys_of(trust, parsed.header);
        if (!keys) {
            no_keys = keys.error();
            continue;
        }
        if (!(*keys)->verify(parsed))
            continue;
        out.good_signature = true;
        if (auto claim = unmet(trust, parsed.claims, context.clock->now())) {
            if (auto error = of_time(*claim, parsed.claims))
                out.badly_timed = std::move(error);
            out.unmet_claim = std::move(*claim);
            continue;
        }
        out.trusts.push_back(std::move(trust));
    }
    if (out.trusts.empty() && !out.good_signature && no_keys)
        return Error{.kind = ErrorKind::unavailable,
                     .code = "service_unavailable",
                     .message = "the keys of the token's issuer cannot be fetched",
                     .retry_after_seconds = 10};
    return out;
}

Result<Trust> the_one(Found found) {
    if (found.trusts.size() == 1)
        return std::move(found.trusts.front());
    if (found.trusts.size() > 1)
        return invalid_request("several trusts fit this token: name role and tenant_id");
    if (!found.good_signature)
        return unauthenticated("token_invalid", "the subject token's signature is not its issuer's");
    if (found.badly_timed)
        return std::move(*found.badly_timed);
    return denied("no trust fits this token: its claim " + found.unmet_claim + " is not what is pinned");
}

} // namespace

struct Issuers::Impl {
    /// Whose URL somebody else chose: it must not lead into this network, by whatever name or redirection of
    /// the discovery document.
    class PublicClient final : public scai::http::Client {
    public:
        explicit PublicClient(scai::http::Client& inner) : inner_(inner) {}
        Result<scai::http::Response> send(const scai::http::Request& request) override {
            auto held = request;
            held.public_only = true;
            return inner_.send(held);
        }

    private:
        scai::http::Client& inner_;
    };

    struct Issuer {
        scai::oidc::Provider provider;
        scai::oidc::KeyCache keys;
        Issuer(const scai::oidc::ProviderSettings& settings, scai::http::Client& http,
               scai::oidc::KeyStore& store, const scai::Clock& clock)
            : provider(settings, http, clock), keys(provider, http, store, clock) {}
    };

    PublicClient careful;
    scai::http::Client& http;
    scai::oidc::KeyStore& store;
    const scai::Clock& clock;
    std::mutex mutex;
    std::map<std::string, std::shared_ptr<Issuer>> known; // shared with the requests that wait for its keys

    Impl(scai::http::Client& h, scai::oidc::KeyStore& s, const scai::Clock& c, bool private_too)
        : careful(h), http(private_too ? h : careful), store(s), clock(c) {}

    std::shared_ptr<Issuer> find(const Trust& trust) {
        const std::lock_guard lock(mutex);
        if (known.size() >= most_issuers)
            known.clear();
        auto& issuer = known[trust.issuer + "\n" + trust.jwks_url];
        if (!issuer) {
            scai::oidc::ProviderSettings settings;
            settings.base_url = trust.issuer;
            while (settings.base_url.ends_with('/'))
                settings.base_url.pop_back();
            settings.discovery_url = settings.base_url + "/.well-known/openid-configuration";
            settings.jwks_url = trust.jwks_url;
            settings.timeout = std::chrono::seconds(5);
            issuer = std::make_shared<Issuer>(settings, http, store, clock);
        }
        return issuer;
    }
};

Issuers::Issuers(scai::http::Client& http, scai::oidc::KeyStore& store, const scai::Clock& clock,
                 bool private_too)
    : impl_(std::make_unique<Impl>(http, store, clock, private_too)) {}
Issuers::~Issuers() = default;

Result<std::shared_ptr<const scai::jose::KeySet>> Issuers::keys_of(const Trust& trust,
                                                                   const scai::jose::Header& header) {
    return impl_->find(trust)->keys.keys_for(header);
}

Result<Issued> exchange(Context& context, Issuers& issuers, const Wanted& wanted) {
    const auto parsed = scai::jose::parse(wanted.subject_token);
    if (!parsed)
        return unauthenticated("token_invalid", "the subject token is " + parsed.error().message);
    SCAI_TRY(auto trusts, candidates(context, wanted, parsed->claims.member("iss")));
    SCAI_TRY(auto found, matching(context, issuers, std::move(trusts), *parsed));
    SCAI_TRY(auto trust, the_one(std::move(found)));
    SCAI_TRY(auto scopes, scopes_of(trust, wanted));
    SCAI_TRY(const auto paths, paths_of(trust, wanted));
    const auto lifetime = trust.max_ttl;
    const auto now = scai::unix_seconds(context.clock->now());
    const auto name = trust.identity.substr(trust.identity.find(':') + 1);
    auto claims =
        Value::object({{"iss", context.settings.text("BASE_URL")},
                       {"aud", "scaivault"},
                       {"sub", name},
                       {"client_id", name},
                       {"token_type", "client_credentials"},
                       {"tenant_id", trust.tenant_id},
                       {"trust_id", trust.id},
                       {"scope", scai::join(scopes, " ")},
                       {"act", Value::object({{"iss", trust.issuer}, {"sub", parsed->claims.member("sub")}})},
                       {"iat", now},
                       {"exp", now + std::int64_t{lifetime.count()}},
                       {"jti", scai::crypto::random_id(24)}});
    if (!paths.empty())
        claims.set("allowed_paths", Value::array_of(paths));
    SCAI_TRY(auto token, sign(context.pool, context.keyring, claims));
    return Issued{.token = std::move(token),
                  .trust = std::move(trust),
                  .subject = parsed->claims.member("sub"),
                  .scopes = std::move(scopes),
                  .lifetime = lifetime};
}

} // namespace scaivault::trust
