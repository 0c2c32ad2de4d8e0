// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/oauth/keys.hpp"

#include "lib/config/misconfigured.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaikey/oauth/store_keys.hpp"

#include <algorithm>
#include <stdexcept>

namespace scaikey::oauth {

using scai::jose::Algorithm;
using scai::json::Value;

namespace {

constexpr std::string_view sealed_mark = "sealed:";
/// Clocks of several hosts, and the seconds in which a process has not seen the rotation yet.
constexpr std::int64_t overlap_slack = 300;

std::string sealing_key(const scai::SecretText& passphrase) {
    return scai::crypto::hkdf_sha256(passphrase.reveal(), "scaikey", "signing keys at rest", 32);
}

Algorithm algorithm_of(std::string_view text) {
    return text == "ES256" ? Algorithm::es256 : Algorithm::rs256;
}

std::vector<SigningKey> open_rows(const std::vector<KeyRow>& rows, const scai::SecretText& passphrase) {
    std::vector<SigningKey> out;
    out.reserve(rows.size());
    for (const auto& row : rows)
        out.push_back({row.kid, algorithm_of(row.algorithm), open_key(row.private_key, row.kid, passphrase),
                       row.created_at, row.active_from, row.retire_at});
    return out;
}

KeyRow new_key_row(Algorithm algorithm, const KeyPolicy& policy, std::int64_t now, std::int64_t active_from) {
    const auto jwk = scai::jose::generate_key(algorithm);
    const auto kid = jwk.member("kid");
    return {kid,
            std::string(scai::jose::name(algorithm)),
            seal_key(jwk, kid, policy.passphrase),
            now,
            active_from,
            std::nullopt};
}

} // namespace

std::string seal_key(const Value& private_jwk, std::string_view kid, const scai::SecretText& passphrase) {
    const auto text = private_jwk.dump();
    if (passphrase.empty())
        return text;
    return std::string(sealed_mark) +
           scai::crypto::base64(scai::crypto::seal(sealing_key(passphrase), text, kid));
}

Value open_key(std::string_view stored, std::string_view kid, const scai::SecretText& passphrase) {
    scai::SecretText text(stored);
    if (stored.starts_with(sealed_mark)) {
        if (passphrase.empty())
            throw scai::config::Misconfigured(
                "signing keys are sealed and SCAIKEY_KEY_PASSPHRASE is not set");
        const auto sealed = scai::crypto::from_base64(stored.substr(sealed_mark.size()));
        auto opened = sealed ? scai::crypto::open(sealing_key(passphrase), *sealed, kid) : std::nullopt;
        if (!opened)
            throw scai::config::Misconfigured("SCAIKEY_KEY_PASSPHRASE does not open the signing keys");
        text = std::move(*opened);
    }
    auto jwk = scai::json::parse(text.reveal());
    if (!jwk)
        throw scai::config::Misconfigured("a stored signing key cannot be read");
    return std::move(*jwk);
}

KeyPolicy key_policy(const scai::config::Settings& settings) {
    KeyPolicy policy;
    const auto algorithm = settings.text("SCAIKEY_SIGNING_ALGORITHM");
    if (algorithm != "RS256" && algorithm != "ES256")
        throw std::runtime_error("SCAIKEY_SIGNING_ALGORITHM must be RS256 or ES256");
    policy.algorithm = algorithm_of(algorithm);
    policy.announce = std::chrono::seconds(settings.integer("SCAIKEY_KEY_ANNOUNCE_SECONDS"));
    policy.passphrase = settings.secret("SCAIKEY_KEY_PASSPHRASE");
    return policy;
}

Ring::Ring(std::vector<SigningKey> keys) : keys_(std::move(keys)) {
    auto list = Value::array();
    for (const auto& key : keys_)
        list.push(scai::jose::public_key(key.private_jwk));
    jwks_ = Value::object({{"keys", list}});
    auto set = scai::jose::KeySet::parse(jwks_);
    if (!set)
        throw scai::config::Misconfigured("the stored signing keys cannot be used");
    verification_ = std::move(*set);
}

const SigningKey* Ring::signer(Algorithm algorithm, std::int64_t now) const {
    // Newest first, so the first active one is it.
    const auto found = std::ranges::find_if(keys_, [&](const SigningKey& key) {
        return key.algorithm == algorithm && key.active_from <= now &&
               (!key.retire_at || *key.retire_at > now);
    });
    return found == keys_.end() ? nullptr : &*found;
}

KeyRing::KeyRing(scai::db::Pool& pool, const scai::Clock& clock, KeyPolicy policy)
    : pool_(pool), clock_(clock), policy_(std::move(policy)) {}

std::shared_ptr<const Ring> KeyRing::load() {
    const auto now = clock_.now();
    auto lease = pool_.read(scai::db::Scope::none());
    auto rows = published_keys(lease, scai::unix_seconds(now));
    auto loaded = std::make_shared<const Ring>(open_rows(rows, policy_.passphrase));
    const std::lock_guard lock(mutex_);
    ring_ = loaded;
    loaded_at_ = now;
    return loaded;
}

std::shared_ptr<const Ring> KeyRing::ring() {
    const auto current = [&]() -> std::shared_ptr<const Ring> {
        const std::lock_guard lock(mutex_);
        // A clock that stepped back makes the ring old as well.
        const auto age = clock_.now() - loaded_at_;
        return ring_ && age >= age.zero() && age < policy_.refresh ? ring_ : nullptr;
    };
    if (auto ring = current())
        return ring;
    const std::lock_guard one_at_a_time(load_mutex_);
    if (auto ring = current())
        return ring;
    return load();
}

std::shared_ptr<const Ring> KeyRing::fresh() {
    const std::lock_guard one_at_a_time(load_mutex_);
    return load();
}

Value KeyRing::published() {
    auto current = fresh();
    if (current->keys().empty()) {
        (void)active_key(policy_.algorithm);
        current = fresh();
    }
    return current->jwks();
}

SigningKey KeyRing::active_key(Algorithm algorithm) {
    const auto now = scai::unix_seconds(clock_.now());
    auto current = ring();
    if (const auto* key = current->signer(algorithm, now))
        return *key;
    // First use of this algorithm: one process makes the key, the others wait for its commit and read it.
    scai::db::in_tx(pool_, scai::db::Scope::none(), [&](scai::db::Tx& tx) {
        lock_keys(tx);
        const Ring stored(open_rows(published_keys(tx, now), policy_.passphrase));
        if (stored.signer(algorithm, now) == nullptr)
            insert_key(tx, new_key_row(algorithm, policy_, now, now));
    });
    current = fresh();
    if (const auto* key = current->signer(algorithm, now))
        return *key;
    throw std::logic_error("no signing key after making one");
}

std::string KeyRing::sign(const Value& payload, Algorithm algorithm, std::int64_t expires_at) {
    const auto key = active_key(algorithm);
    if (key.retire_at && expires_at + overlap_slack > *key.retire_at)
        scai::db::in_tx(pool_, scai::db::Scope::none(), [&](scai::db::Tx& tx) {
            extend_retirement(tx, key.kid, expires_at + overlap_slack);
        });
    return scai::jose::sign(payload, key.private_jwk);
}

namespace {

/// Keys are newest first.
Rotation decide(const std::vector<SigningKey>& keys, Algorithm algorithm, std::int64_t now,
                std::optional<std::chrono::seconds> min_age) {
    const auto newest =
        std::ranges::find_if(keys, [&](const SigningKey& key) { return key.algorithm == algorithm; });
    if (newest == keys.end())
        return {Rotation::Kind::created, {}, {}};
    if (newest->active_from > now)
        return {Rotation::Kind::pending, *newest, {}};
    if (min_age && now - newest->active_from < min_age->count())
        return {Rotation::Kind::not_due, *newest, {}};
    return {Rotation::Kind::announced, *newest, {}};
}

} // namespace

Rotation plan_rotation(scai::db::Pool& pool, const scai::Clock& clock, const KeyPolicy& policy,
                       Algorithm algorithm, std::optional<std::chrono::seconds> min_age) {
    const auto now = scai::unix_seconds(clock.now());
    auto lease = pool.read(scai::db::Scope::none());
    return decide(open_rows(published_keys(lease, now), policy.passphrase), algorithm, now, min_age);
}

std::vector<Algorithm> algorithms_in_use(scai::db::Pool& pool, const scai::Clock& clock,
                                         const KeyPolicy& policy) {
    std::vector<Algorithm> out{policy.algorithm};
    auto lease = pool.read(scai::db::Scope::none());
    for (const auto& row : published_keys(lease, scai::unix_seconds(clock.now())))
        if (const auto algorithm = algorithm_of(row.algorithm);
            std::ranges::find(out, algorithm) == out.end())
            out.push_back(algorithm);
    return out;
}

Rotation rotate(scai::db::Pool& pool, const scai::Clock& clock, const KeyPolicy& policy, Algorithm algorithm,
                std::optional<std::chrono::seconds> min_age) {
    const auto now = scai::unix_seconds(clock.now());
    return scai::db::in_tx(pool, scai::db::Scope::none(), [&](scai::db::Tx& tx) {
        lock_keys(tx);
        auto retired = delete_retired(tx, now);
        auto out = decide(open_rows(published_keys(tx, now), policy.passphrase), algorithm, now, min_age);
        out.retired = std::move(retired);
        if (out.kind == Rotation::Kind::pending || out.kind == Rotation::Kind::not_due)
            return out;
        const bool first = out.kind == Rotation::Kind::created;
        const auto row = new_key_row(algorithm, policy, now, first ? now : now + policy.announce.count());
        insert_key(tx, row);
        retire_older(tx, row, row.active_from + longest_token_lifetime(tx) + overlap_slack);
        out.key = open_rows({row}, policy.passphrase).front();
        return out;
    });
}

} // namespace scaikey::oauth
