// The JWKS in a product's database: one fetch serves every process. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/oidc/verifier.hpp"

#include <memory>
#include <string_view>

namespace scai::oidc {

/// <schema>.jwks_cache (url, document, fetched_at, attempted_at); `schema` is a name of our own. Database
/// errors are db::Error, as everywhere.
std::unique_ptr<KeyStore> make_database_key_store(db::Pool& pool, std::string_view schema);

} // namespace scai::oidc
