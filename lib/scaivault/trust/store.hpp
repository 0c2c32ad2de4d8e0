// Rows of trusts and of the keys that sign exchanged tokens. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/seal/keyring.hpp"
#include "lib/scaivault/trust/model.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault::trust::store {

/// False when the tenant has one of that name.
bool insert(scai::db::Tx& tx, const Trust& trust);
/// Ordered by name.
std::vector<Trust> list(scai::db::Pool& pool, std::string_view tenant);
bool remove(scai::db::Tx& tx, std::string_view tenant, std::string_view id);
/// Active ones of every tenant whose tenant is active too.
std::vector<Trust> of_issuer(scai::db::Pool& pool, std::string_view issuer);
bool is_active(scai::db::Pool& pool, std::string_view tenant, std::string_view id);

struct PublicKey {
    std::string id, jwk;
};
/// Those whose tokens can still be alive.
std::vector<PublicKey> public_keys(scai::db::Pool& pool);
struct SigningKey {
    std::string id;
    seal::Sealed sealed; ///< the private JWK
};
/// The newest, when it is young enough to sign.
std::optional<SigningKey> signing_key(scai::db::Pool& pool);
void insert_key(scai::db::Tx& tx, const SigningKey& key, std::string_view public_jwk);

} // namespace scaivault::trust::store
