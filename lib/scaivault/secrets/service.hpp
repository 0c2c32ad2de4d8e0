// Secrets: what endpoints and jobs do with them. Decisions of policies are the caller's of these functions;
// tenant, versions, encryption, audit row and event are inside. `owner` is a tenant id or "partner/<id>".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/base/secret.hpp"
#include "lib/db/db.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/seal/keyring.hpp"
#include "lib/scaivault/secrets/rules.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scaivault::secrets {

/// A secret as it is shown, without its value.
struct Info {
    std::string path, secret_id, secret_type;
    std::int64_t version = 0, oldest_version = 0, revision = 0;
    scai::json::Value metadata;
    std::vector<std::string> tags;
    std::int64_t max_versions = 0;
    std::vector<std::string> notify_before;
    std::optional<std::string> rotation_policy_id, secret_policy_id;
    scai::UtcTime created_at, updated_at;
    std::string created_by, updated_by;
    std::optional<scai::UtcTime> expires_at, last_accessed_at;
};

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

/// How a version came about.
struct Cause {
    bool is_rotation = false;
    std::string rotation_policy_id, rotation_policy_name; ///< of a rotation
    std::optional<std::chrono::seconds>
        grace_period; ///< of a rotation: then older versions cannot be read any more
    bool auto_generated = false;
};

/// Appends a version inside the caller's transaction, with its events; the audit row is the caller's.
/// secret_exists, version_conflict, encryption_unavailable.
struct Written {
    Info info;
    bool created = false;
};
scai::Result<Written> write(scai::db::Tx& tx, seal::Keyring& keyring, const Caller& who,
                            std::string_view owner, std::string_view path, const Write& write,
                            const Cause& cause, scai::UtcTime now);

} // namespace scaivault::secrets
