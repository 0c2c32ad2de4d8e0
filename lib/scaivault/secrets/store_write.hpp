// All SQL that changes secrets on behalf of a caller. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/seal/keyring.hpp"
#include "lib/scaivault/secrets/model.hpp"
#include "lib/scaivault/secrets/rules.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scaivault::secrets::store {

struct Locked {
    Info info;
    std::optional<scai::UtcTime> deleted_at, recoverable_until;
    std::optional<std::int64_t> noticed_seconds;
};
/// The row of a path, deleted or not, held until the transaction ends.
std::optional<Locked> lock(scai::db::Tx& tx, std::string_view owner, std::string_view path);

/// The first version of a new secret. False when the path was taken meanwhile: nothing has happened then.
bool create(scai::db::Tx& tx, std::string_view owner, const Info& info, const Notice& notice,
            const seal::Sealed& sealed);

/// Everything of `info` but its version goes into the locked row; revision is the new one.
void change(scai::db::Tx& tx, std::string_view owner, const Info& info, const Notice& notice);

struct Append {
    std::int64_t oldest_kept = 0;                 ///< versions before it go
    std::optional<scai::UtcTime> others_readable; ///< until when; absent = as they are
};
/// change() and the row of version info.version, in one statement.
void append(scai::db::Tx& tx, std::string_view owner, const Info& info, const Notice& notice,
            const seal::Sealed& sealed, const Append& how);
/// Versions before `oldest_kept` go.
void trim(scai::db::Tx& tx, std::string_view owner, std::string_view secret_id, std::int64_t oldest_kept);

void set_tags(scai::db::Tx& tx, std::string_view owner, std::string_view path,
              const std::vector<std::string>& tags);

/// How many versions there are.
std::int64_t count_versions(scai::db::Tx& tx, std::string_view owner, std::string_view secret_id);
void mark_deleted(scai::db::Tx& tx, std::string_view owner, std::string_view path, std::string_view who,
                  scai::UtcTime now, scai::UtcTime recoverable_until);
void mark_restored(scai::db::Tx& tx, std::string_view owner, std::string_view path, std::string_view who,
                   const Notice& notice, scai::UtcTime now);
/// Secret, versions and tags; how many versions went.
std::int64_t erase(scai::db::Tx& tx, std::string_view owner, std::string_view path,
                   std::string_view secret_id);
/// False when there is no such version. The newest that is left becomes the current one: `current` (0 = none
/// is left).
bool destroy(scai::db::Tx& tx, std::string_view owner, std::string_view path, std::string_view secret_id,
             std::int64_t version, std::string_view who, scai::UtcTime now, std::int64_t& current);

} // namespace scaivault::secrets::store
