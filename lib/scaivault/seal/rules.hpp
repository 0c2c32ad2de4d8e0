// What each ciphertext of the envelope is bound to, and the two steps below the KMS. Pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/secret.hpp"
#include "lib/scaivault/seal/model.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scaivault::seal {

inline constexpr std::size_t key_size = 32;

/// Bytes of a key on their way into a SecretText or a key of the cache; wiped when they go.
class KeyBytes {
public:
    KeyBytes(); ///< random
    KeyBytes(const KeyBytes&) = delete;
    KeyBytes& operator=(const KeyBytes&) = delete;
    ~KeyBytes();
    std::string_view reveal() const { return bytes_; }

private:
    std::string bytes_;
};

/// Bound to a partner key's ciphertext in the KMS.
std::string partner_context(const KeyRow& partner_key);
/// Tenant key under its partner's key.
std::string wrap_tenant_key(const KeyRow& tenant_key, std::string_view parent_key, std::string_view key);
std::optional<scai::SecretText> unwrap_tenant_key(const KeyRow& tenant_key, std::string_view parent_key);
/// Data key under its tenant's key. Not bound to the version: a rotation wraps it anew without knowing what
/// it belongs to, and the ciphertext below it is bound to that.
std::string wrap_data_key(std::string_view owner_id, std::string_view key_id, std::string_view tenant_key,
                          std::string_view data_key);
std::optional<scai::SecretText> unwrap_data_key(std::string_view owner_id, std::string_view key_id,
                                                std::string_view tenant_key, std::string_view wrapped);
/// Additional data of a version's ciphertext.
std::string version_binding(std::string_view owner_id, std::string_view secret_id, std::string_view path,
                            std::int64_t version);

} // namespace scaivault::seal
