// Envelope encryption: data key of a version <- tenant key <- partner key <- root key in the KMS (contract
// scaivault.md 8.5). AES-256-GCM all the way; the key's id is in every ciphertext, and the additional data
// binds a ciphertext to tenant, secret, path and version, so that a row copied elsewhere does not open.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/base/secret.hpp"
#include "lib/db/db.hpp"
#include "lib/scaivault/seal/kms.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault::seal {

/// What a ciphertext belongs to.
struct Place {
    std::string_view tenant_id, partner_id; ///< tenant_id may be an owner "partner/<id>"
    std::string_view secret_id, path;
    std::int64_t version = 0;
};

struct Sealed {
    std::string key_id;      ///< tenant key
    std::string wrapped_key; ///< nonce, data key, tag under the tenant key
    std::string ciphertext;  ///< nonce, ciphertext, tag under the data key
};

struct KeyringStatus {
    bool kms_reachable;
    std::string key_status; ///< active, rotating, unavailable
    std::optional<scai::UtcTime> last_rotation;
    std::int64_t cached_keys;
};

/// Thread-safe. Unwrapped partner and tenant keys are kept at most `max_age` and wiped when they go; while
/// the KMS is out of reach those still serve. Partner and tenant keys are made at first use, once over all
/// processes. With the key cached neither call asks the database or the KMS. Call both outside a transaction:
/// a key that is not cached is read over a session of its own.
/// NB: a table that keeps Sealed has the columns key_id, wrapped_key and ciphertext, key_id REFERENCES
/// scaivault.keys (usable_id), and a row in lib/scaivault/seal/holders.cpp, so that rotations find it.
class Keyring {
public:
    Keyring(scai::db::Pool& pool, Kms& kms, const scai::Clock& clock,
            std::chrono::seconds max_age = std::chrono::seconds(600));
    ~Keyring();

    /// unavailable "encryption_unavailable" when a key has to be unwrapped or made and the KMS cannot be
    /// reached.
    scai::Result<Sealed> seal(const Place& place, std::string_view plaintext);
    /// The same error; anything that does not open (moved, altered, of another key) throws
    /// std::runtime_error: the stored data is damaged, and the caller can do nothing about it.
    scai::Result<scai::SecretText> open(const Place& place, const Sealed& sealed);

    KeyringStatus status();
    void forget(); ///< wipes every unwrapped key

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

struct RewrapReport {
    std::int64_t rewrapped = 0;  ///< partner, tenant and data keys wrapped anew
    std::int64_t destroyed = 0;  ///< retired keys that nothing named any more
    std::int64_t stragglers = 0; ///< still below a retired key
    std::int64_t damaged = 0;    ///< of those: what does not open under the key it names
    std::int64_t retired = 0;    ///< retired keys not destroyed yet
    bool finished = false;       ///< no stragglers
};

/// Staged and resumable: a new active key, then what the old one wraps is wrapped anew in batches, then the
/// old one is destroyed when nothing names it any more. Plaintexts of secrets are never touched.
class Rotation {
public:
    /// A retired key lives for `grace` at least: longer than another process may still think it is active.
    Rotation(scai::db::Pool& pool, Kms& kms, const scai::Clock& clock,
             std::chrono::seconds grace = std::chrono::hours(1));
    ~Rotation();
    /// The id of the new key. conflict "root_key_unchanged" when the KMS has no newer root key than the one
    /// in use.
    scai::Result<std::string> new_root_generation();
    /// not_found "key_not_found": the owner has no key yet, so there is nothing to rotate.
    scai::Result<std::string> new_partner_generation(std::string_view partner_id);
    scai::Result<std::string> new_tenant_generation(std::string_view tenant_id);
    /// Until done or `must_stop`; what is done stays done. unavailable "encryption_unavailable" when the KMS
    /// is out.
    scai::Result<RewrapReport> rewrap(const std::function<bool()>& must_stop, bool dry_run);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// What an operator wants to see of the keys.
struct KeyCount {
    std::string kind, state; ///< partner, active
    std::int64_t keys;
    std::int64_t wraps; ///< keys or data keys directly below them
};
struct KeysOverview {
    std::string root_id, provider, reference; ///< "" before the first key
    std::int64_t root_generation = 0;
    std::optional<scai::UtcTime> root_since;
    std::vector<KeyCount> counts;
};
KeysOverview keys_overview(scai::db::Pool& pool);

} // namespace scaivault::seal
