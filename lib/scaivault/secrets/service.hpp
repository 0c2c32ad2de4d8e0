// Secrets: what endpoints and jobs do with them. Decisions of policies are the caller's of these functions;
// tenant, versions, encryption and event are inside, the audit row is the caller's. `owner` is a tenant id or
// "partner/<id>". What takes a Tx belongs to the caller's transaction; an error means that nothing was
// written. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/base/secret.hpp"
#include "lib/db/db.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/seal/keyring.hpp"
#include "lib/scaivault/secrets/model.hpp"
#include "lib/scaivault/secrets/rules.hpp"
#include "lib/scaivault/secrets/store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scaivault::secrets {

scai::Error secret_not_found(std::string_view path);
scai::Error version_not_found(std::string_view path, std::int64_t version);

/// Scope of a transaction that writes what belongs to `owner`. What belongs to a partner is written across:
/// the audit row of its writer belongs to his tenant.
scai::db::Scope write_scope(std::string_view owner);

struct Plain {
    Info info;
    std::int64_t version = 0; ///< the one that was asked for
    scai::SecretText data;    ///< text of a JSON object
};

/// Current version, or `version`. secret_not_found, version_not_found (destroyed, aged out, or past its grace
/// period), encryption_unavailable.
scai::Result<Plain> read(scai::db::Pool& pool, seal::Keyring& keyring, std::string_view owner,
                         std::string_view partner_id, std::string_view path,
                         std::optional<std::int64_t> version, scai::UtcTime now);
/// Its second half: what a row of Finder holds.
scai::Result<scai::SecretText> open(seal::Keyring& keyring, std::string_view owner,
                                    std::string_view partner_id, const store::Stored& stored);

/// The others that only read; the statements are one each, whatever is asked for.
std::vector<store::Stored> find_many(scai::db::Pool& pool, std::string_view owner,
                                     const std::vector<std::string>& paths,
                                     std::optional<std::int64_t> version, std::int64_t most_bytes,
                                     scai::UtcTime now);
scai::Result<store::Described> describe(scai::db::Pool& pool, std::string_view owner, std::string_view path);
std::vector<store::Described> describe_many(scai::db::Pool& pool, std::string_view owner,
                                            const std::vector<std::string>& paths);
scai::Result<store::VersionPage> versions(scai::db::Pool& pool, std::string_view owner, std::string_view path,
                                          std::int64_t before, std::int64_t limit, scai::UtcTime now);

/// How a version came about.
struct Cause {
    bool is_rotation = false;
    std::string rotation_policy_id, rotation_policy_name; ///< of a rotation
    std::optional<std::chrono::seconds>
        grace_period; ///< of a rotation: then older versions cannot be read any more
    bool auto_generated = false;
};

/// Makes sure that the owner's key is at hand, so that a write does not need a second database session while
/// it holds one. encryption_unavailable.
scai::Status prepare(seal::Keyring& keyring, std::string_view owner, std::string_view partner_id);

/// Appends a version inside the caller's transaction, with its events. `write.data` must be there: a recipe
/// is run before (rotation::generate_from). secret_exists, version_conflict, encryption_unavailable.
struct Written {
    Info info;
    bool created = false;
};
scai::Result<Written> write(scai::db::Tx& tx, seal::Keyring& keyring, const Caller& who,
                            std::string_view owner, std::string_view path, const Write& write,
                            const Cause& cause, scai::UtcTime now);

/// Metadata and options, no new version. secret_not_found, version_conflict.
scai::Result<store::Described> change(scai::db::Tx& tx, const Caller& who, std::string_view owner,
                                      std::string_view path, const Patch& patch, scai::UtcTime now);

struct Removed {
    bool permanent = false;
    std::int64_t version_count = 0;
    std::optional<scai::UtcTime> recoverable_until; ///< absent when permanent
};
/// Recoverable unless `permanent`; a recoverable one can still be removed for good. secret_not_found,
/// version_conflict.
scai::Result<Removed> remove(scai::db::Tx& tx, const Caller& who, std::string_view owner,
                             std::string_view path, bool permanent, const std::optional<Tag>& expected,
                             scai::UtcTime now);

struct Destroyed {
    std::int64_t version = 0, current = 0; ///< current: what a read gives now; 0 = nothing is left
};
/// One version, for good; its number does not come back. secret_not_found, version_not_found,
/// version_conflict.
scai::Result<Destroyed> destroy(scai::db::Tx& tx, const Caller& who, std::string_view owner,
                                std::string_view path, std::int64_t version,
                                const std::optional<Tag>& expected, scai::UtcTime now);

/// Takes a recoverable secret back. secret_not_found, secret_exists when it was not removed.
scai::Result<store::Described> restore(scai::db::Tx& tx, const Caller& who, std::string_view owner,
                                       std::string_view path, scai::UtcTime now);

} // namespace scaivault::secrets
