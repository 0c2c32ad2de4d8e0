// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/trust/tokens.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/jose/jose.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/trust/store.hpp"

#include <algorithm>
#include <mutex>
#include <unordered_map>

namespace scaivault::trust {

using scai::Result;
using scai::UtcTime;
using scai::json::Value;

namespace {

constexpr std::string_view kid_prefix = "svk_";
constexpr std::chrono::seconds believed{60};
constexpr std::chrono::seconds key_age{60};
constexpr std::size_t most_verdicts = 4096; ///< a generation; there are two

/// What the sealed key belongs to: no tenant can have this name.
seal::Place place_of(const std::string& id) {
    return {.tenant_id = "scaivault",
            .partner_id = "scaivault",
            .secret_id = id,
            .path = "token-key",
            .version = 1};
}

Result<Value> make_key(scai::db::Pool& pool, seal::Keyring& keyring) {
    auto key = scai::jose::generate_key(scai::jose::Algorithm::es256);
    const auto id = std::string(kid_prefix) + scai::crypto::random_id(20);
    key.set("kid", id);
    SCAI_TRY(auto sealed, keyring.seal(place_of(id), scai::SecretText(key.dump()).reveal()));
    const auto shown = scai::jose::public_key(key).dump();
    scai::db::in_tx(pool, scai::db::Scope::none(),
                    [&](scai::db::Tx& tx) { store::insert_key(tx, {.id = id, .sealed = sealed}, shown); });
    return key;
}

} // namespace

bool looks_ours(std::string_view token) {
    const auto header = scai::crypto::from_base64url(token.substr(0, token.find('.')));
    return header && header->size() < 1024 &&
           header->find("\"" + std::string(kid_prefix)) != std::string::npos;
}

Result<std::string> sign(scai::db::Pool& pool, seal::Keyring& keyring, const Value& claims) {
    const auto stored = store::signing_key(pool);
    if (!stored) {
        SCAI_TRY(const auto made, make_key(pool, keyring));
        return scai::jose::sign(claims, made);
    }
    SCAI_TRY(const auto text, keyring.open(place_of(stored->id), stored->sealed));
    const auto key = scai::json::parse(text.reveal());
    if (!key)
        throw std::runtime_error("a signing key in the database cannot be read");
    return scai::jose::sign(claims, *key);
}

struct Verifier::Impl {
    struct Entry {
        Value claims;
        UtcTime from, until;
    };
    using Generation = std::unordered_map<std::string, Entry>;

    scai::db::Pool& pool;
    const scai::Clock& clock;
    const std::string issuer;
    std::mutex mutex;
    std::shared_ptr<const scai::jose::KeySet> keys; // shared with the requests that verify with it
    UtcTime keys_from{};
    Generation young, old;

    Impl(scai::db::Pool& p, const scai::Clock& c, std::string i) : pool(p), clock(c), issuer(std::move(i)) {}

    std::optional<Value> known(const std::string& digest, UtcTime now) {
        const std::lock_guard lock(mutex);
        for (const auto* generation : {&young, &old}) {
            const auto found = generation->find(digest);
            if (found != generation->end() && now >= found->second.from && now < found->second.until)
                return found->second.claims;
        }
        return std::nullopt;
    }
    void keep(const std::string& digest, const Value& claims, UtcTime now, UtcTime until) {
        const std::lock_guard lock(mutex);
        if (young.size() >= most_verdicts) {
            old = std::move(young);
            young.clear();
        }
        young.insert_or_assign(digest, Entry{claims, now, until});
    }

    std::shared_ptr<const scai::jose::KeySet> keys_with(const scai::jose::Header& header, UtcTime now) {
        {
            const std::lock_guard lock(mutex);
            const bool fresh = keys && now >= keys_from && now < keys_from + key_age;
            if (fresh && keys->has_key(header.kid, header.algorithm))
                return keys;
            // Another process may have made the key a moment ago; made-up names must not cost a query each.
            if (fresh && now < keys_from + std::chrono::seconds(2))
                return keys;
        }
        auto list = Value::array();
        for (const auto& key : store::public_keys(pool))
            if (auto jwk = scai::json::parse(key.jwk))
                list.push(*jwk);
        auto set = scai::jose::KeySet::parse(Value::object({{"keys", list}}));
        auto made =
            std::make_shared<const scai::jose::KeySet>(set ? std::move(set).value() : scai::jose::KeySet());
        const std::lock_guard lock(mutex);
        keys = made;
        keys_from = now;
        return made;
    }
};

Verifier::Verifier(scai::db::Pool& pool, const scai::Clock& clock, std::string issuer)
    : impl_(std::make_unique<Impl>(pool, clock, std::move(issuer))) {}
Verifier::~Verifier() = default;

Result<Value> Verifier::verify(std::string_view token) {
    const auto now = impl_->clock.now();
    const auto digest = scai::crypto::sha256(token);
    if (auto claims = impl_->known(digest, now))
        return std::move(*claims);
    const auto parsed = scai::jose::parse(token);
    if (!parsed)
        return unauthenticated("token_invalid", "invalid token: " + parsed.error().message);
    if (!impl_->keys_with(parsed->header, now)->verify(*parsed))
        return unauthenticated("token_invalid", "invalid token: Signature verification failed");
    const auto& claims = parsed->claims;
    if (claims.member("iss") != impl_->issuer)
        return unauthenticated("token_invalid", "invalid token: Issuer doesn't match");
    const auto expires = scai::from_unix_seconds(claims.get("exp").integer().value_or(0));
    if (now >= expires)
        return unauthenticated("token_expired", "the token has expired");
    if (!store::is_active(impl_->pool, claims.member("tenant_id"), claims.member("trust_id")))
        return unauthenticated("token_revoked", "the trust this token came from was taken back");
    impl_->keep(digest, claims, now, std::min<UtcTime>(now + believed, expires));
    return claims;
}

} // namespace scaivault::trust
