// All SQL that reads secrets. Every statement names the owner itself; row-level security is the second wall.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/app/store_caller.hpp"
#include "lib/scaivault/seal/keyring.hpp"
#include "lib/scaivault/secrets/model.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault::secrets::store {

/// A secret and one of its versions, still sealed.
struct Stored {
    Info info;                ///< without tags and notify_before
    std::int64_t version = 0; ///< 0: there is no such version (any more)
    seal::Sealed sealed;
    std::string callers_version; ///< of `confirm`'s caller; not of a batch
    bool too_much = false;       ///< of a batch: left out, because those before it fill the answer
};
/// One of those that are asked for together.
struct Wanted {
    std::string path;
    std::optional<std::int64_t> version; ///< absent = the current one
    scai::UtcTime now;
    const Known* confirm = nullptr; ///< the caller whose version comes along; the owner must be his tenant
};
/// As many as were asked for, in their order; nullopt: no such secret.
std::vector<std::optional<Stored>> find(scai::db::Executor& reader, std::string_view owner,
                                        const std::vector<Wanted>& wanted);
/// Those of `paths` that are there, in the order of the paths; `most_bytes` of ciphertext altogether.
std::vector<Stored> find_many(scai::db::Executor& reader, std::string_view owner,
                              const std::vector<std::string>& paths, std::optional<std::int64_t> version,
                              std::int64_t most_bytes, scai::UtcTime now);

struct Described {
    Info info;
    std::int64_t version_count = 0;
    std::string rotation = "null"; ///< JSON: policy, status (scheduled, due, overdue, paused), times
};
/// The last member alone.
std::string rotation_of(scai::db::Executor& reader, std::string_view owner, std::string_view path);
std::optional<Described> describe(scai::db::Executor& reader, std::string_view owner, std::string_view path);
std::vector<Described> describe_many(scai::db::Executor& reader, std::string_view owner,
                                     const std::vector<std::string>& paths);

/// Newest first, those before `before`; nullopt: no such secret.
struct VersionPage {
    std::int64_t current = 0;
    std::optional<scai::UtcTime> expires_at;
    std::vector<Version> versions;
};
std::optional<VersionPage> versions(scai::db::Executor& reader, std::string_view owner, std::string_view path,
                                    std::int64_t before, std::int64_t limit, scai::UtcTime now);

/// Live secrets in path order, each cheap to reach whatever the number of others.
struct Walk {
    std::string after;               ///< the path before the first; "" = from the beginning
    std::vector<std::string> ranges; ///< beginnings of paths, sorted, none within another
    std::optional<std::string> type; ///< only of this type
    std::vector<std::string> tags;   ///< only with all of these
    std::int64_t limit = 0;
    /// Set: deleted ones that can be restored then, instead of the living.
    std::optional<scai::UtcTime> restorable_at = {};
};
std::vector<Listed> walk(scai::db::Executor& reader, std::string_view owner, const Walk& walk);

/// Live secrets that expire until `until`, in the order of their expiry; (after_us, after_path) is the one
/// before the first.
std::vector<Listed> expiring(scai::db::Executor& reader, std::string_view owner, std::string_view prefix,
                             scai::UtcTime until, std::int64_t after_us, std::string_view after_path,
                             std::int64_t limit);

} // namespace scaivault::secrets::store
