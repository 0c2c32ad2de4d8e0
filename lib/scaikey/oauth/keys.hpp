// Signing keys: a ring read from the database, shared by the threads of a process, at most a few seconds old.
//
// Rotation without a failed request: the new key is published at once but signs only after the announce
// period, by when every consumer that refetches on an unknown kid could have seen it; the old key stays
// published until the last token it signed has expired. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/secret.hpp"
#include "lib/config/settings.hpp"
#include "lib/db/db.hpp"
#include "lib/jose/jose.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace scaikey::oauth {

struct SigningKey {
    std::string kid;
    scai::jose::Algorithm algorithm = scai::jose::Algorithm::rs256;
    scai::json::Value private_jwk;
    std::int64_t created_at = 0, active_from = 0; ///< unix seconds
    std::optional<std::int64_t> retire_at;
};

struct KeyPolicy {
    scai::jose::Algorithm algorithm = scai::jose::Algorithm::rs256; ///< where the application names none
    std::chrono::seconds announce{300};
    std::chrono::seconds refresh{2}; ///< a ring older than this is read again before it signs or judges
    scai::SecretText passphrase;     ///< seals private keys at rest; empty: stored in clear
};
KeyPolicy key_policy(const scai::config::Settings& settings);

/// Immutable once made.
class Ring {
public:
    explicit Ring(std::vector<SigningKey> keys);
    /// Newest key of the algorithm that is active at `now`; nullptr if there is none.
    const SigningKey* signer(scai::jose::Algorithm algorithm, std::int64_t now) const;
    const scai::jose::KeySet& verification() const { return verification_; }
    const scai::json::Value& jwks() const { return jwks_; } ///< {"keys": [...]}, newest first
    const std::vector<SigningKey>& keys() const { return keys_; }

private:
    std::vector<SigningKey> keys_;
    scai::json::Value jwks_;
    scai::jose::KeySet verification_;
};

/// Thread-safe. Throws db::Error when the database is needed and gone.
class KeyRing {
public:
    KeyRing(scai::db::Pool& pool, const scai::Clock& clock, KeyPolicy policy);

    std::shared_ptr<const Ring> ring();  ///< at most policy.refresh old
    std::shared_ptr<const Ring> fresh(); ///< read now
    /// The JWKS, read now, so that what is published is never late; makes the first key when there is none.
    scai::json::Value published();
    /// Signs with the active key; makes the very first key of that algorithm, once over all processes. A key
    /// that already has a successor stays published for as long as the new token lives.
    std::string sign(const scai::json::Value& payload, scai::jose::Algorithm algorithm,
                     std::int64_t expires_at);
    scai::jose::Algorithm default_algorithm() const { return policy_.algorithm; }

private:
    std::shared_ptr<const Ring> load();
    SigningKey active_key(scai::jose::Algorithm algorithm);

    scai::db::Pool& pool_;
    const scai::Clock& clock_;
    KeyPolicy policy_;
    std::mutex mutex_; ///< guards ring_ and loaded_at_
    std::mutex load_mutex_;
    std::shared_ptr<const Ring> ring_;
    scai::UtcTime loaded_at_{};
};

struct Rotation {
    enum class Kind { created, announced, pending, not_due };
    Kind kind = Kind::not_due;
    SigningKey key;                   ///< the newest one
    std::vector<std::string> retired; ///< kids removed because nothing they signed is valid any more
};

/// What rotate() would do, without `retired`; nothing is written.
Rotation plan_rotation(scai::db::Pool& pool, const scai::Clock& clock, const KeyPolicy& policy,
                       scai::jose::Algorithm algorithm, std::optional<std::chrono::seconds> min_age);
/// Algorithms that have a published key, and the default one.
std::vector<scai::jose::Algorithm> algorithms_in_use(scai::db::Pool& pool, const scai::Clock& clock,
                                                     const KeyPolicy& policy);

/// One step: removes retired keys, then adds a key unless one is waiting already or, with `min_age`, the
/// active one is younger than that. One rotation at a time over all processes.
Rotation rotate(scai::db::Pool& pool, const scai::Clock& clock, const KeyPolicy& policy,
                scai::jose::Algorithm algorithm, std::optional<std::chrono::seconds> min_age);

/// Private JWK <-> what the column holds.
std::string seal_key(const scai::json::Value& private_jwk, std::string_view kid,
                     const scai::SecretText& passphrase);
/// Throws std::runtime_error when it cannot be opened: a wrong passphrase is a misconfiguration.
scai::json::Value open_key(std::string_view stored, std::string_view kid, const scai::SecretText& passphrase);

} // namespace scaikey::oauth
