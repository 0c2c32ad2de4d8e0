// API keys (contract scaigrid.md 1): shown once, kept as their SHA-256, with the rights of one user.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"
#include "lib/web/http.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scaigrid::keys {

struct NewKey {
    std::string name;
    std::optional<std::string> assigned_user_id; ///< nullopt: the caller's own
    std::optional<scai::UtcTime> expires_at;
};

/// 422 for each field that cannot be read or lies in the past.
scai::Result<NewKey> decode(const scai::json::Value& body, scai::UtcTime now);

/// The answer to the one who made it: the only one that holds the key.
scai::json::Value create(scai::db::Pool& pool, const scai::web::Principal& caller, const NewKey& wanted);
/// Keys of a user that are not revoked, oldest first; metadata only.
scai::json::Value list(scai::db::Pool& pool, std::string_view tenant_id, std::string_view user_id);
/// The user a key belongs to; nothing when there is no such key in the tenant.
std::optional<std::string> owner_of(scai::db::Pool& pool, std::string_view tenant_id, std::string_view id);
/// Counts for the next request. A key that is revoked already stays as it is.
void revoke(scai::db::Pool& pool, std::string_view tenant_id, std::string_view id);

} // namespace scaigrid::keys
