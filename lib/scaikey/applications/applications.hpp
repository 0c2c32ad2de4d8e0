// Applications, the OAuth clients (contract scaikey.md 3, 11.4). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"
#include "lib/scaikey/app/paging.hpp"
#include "lib/scaikey/directory/caller.hpp"

namespace scaikey::applications {

struct Filter {
    std::string search, scope, type; ///< "" = any
    std::optional<std::string> tenant_id, partner_id;
};

/// super_admin sees all; partner_admin GLOBAL, its PARTNER ones and its tenants'; tenant_admin GLOBAL, its
/// partner's PARTNER ones and its own.
scai::Result<ListPage> list(scai::db::Pool& pool, const Caller& by, const Filter& filter,
                            const Paging& paging);
scai::Result<std::string> get(scai::db::Pool& pool, const Caller& by, const std::string& id);
/// The answer carries client_secret, once, for the confidential types WEB and SERVICE.
scai::Result<std::string> create(scai::db::Pool& pool, const Caller& by, const scai::json::Value& body);
/// Lists are replaced, never merged. scope and type cannot change. signing_algorithm counts from the next
/// token on; null gives it back to SCAIKEY_SIGNING_ALGORITHM.
scai::Result<std::string> update(scai::db::Pool& pool, const Caller& by, const std::string& id,
                                 const scai::json::Value& body);
scai::Status remove(scai::db::Pool& pool, const Caller& by, const std::string& id);
/// A new secret; the old one ends at once. 409 for public clients.
scai::Result<std::string> rotate_secret(scai::db::Pool& pool, const Caller& by, const std::string& id);

/// What is stored of a secret: hex sha256.
std::string secret_hash(std::string_view secret);

} // namespace scaikey::applications
