// The JWKS in the database: one fetch serves every process. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/oidc/verifier.hpp"

#include <memory>

namespace scaivault {

/// scaivault.jwks_cache. Database errors are db::Error, as everywhere.
std::unique_ptr<scai::oidc::KeyStore> make_key_store(scai::db::Pool& pool);

} // namespace scaivault
