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
    std::int64_t rewrapped = 0, stragglers = 0; ///< stragglers: still under a retired key
    bool finished = false;
};

/// Staged and resumable: a new active key, then what the old one wraps is wrapped anew in batches, then the
/// old one is destroyed when nothing names it any more. Plaintexts of secrets are never touched.
class Rotation {
public:
    Rotation(scai::db::Pool& pool, Kms& kms, const scai::Clock& clock);
    scai::Result<std::string> new_root_generation();
    scai::Result<std::string> new_tenant_generation(std::string_view tenant_id);
    /// Until done or `must_stop`; what is done stays done.
    scai::Result<RewrapReport> rewrap(const std::function<bool()>& must_stop, bool dry_run);

private:
    scai::db::Pool& pool_;
    Kms& kms_;
    const scai::Clock& clock_;
};

} // namespace scaivault::seal
