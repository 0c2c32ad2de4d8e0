// Crypto over OpenSSL 3: random, digests, HMAC, AEAD, password hashes, encodings, constant-time compare.
// Failures of the library itself throw std::runtime_error without any input in the text. Thread-safe.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/secret.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scai::crypto {

std::string random_bytes(std::size_t count);
/// `length` characters of [a-z0-9], 5.17 bits each. For ids and tokens: random_id(32) has 165 bits.
std::string random_id(std::size_t length);

std::string sha256(std::string_view data);                            ///< 32 raw bytes
std::string hmac_sha256(std::string_view key, std::string_view data); ///< 32 raw bytes
/// RFC 5869 with SHA-256.
std::string hkdf_sha256(std::string_view secret, std::string_view salt, std::string_view info,
                        std::size_t length);

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);       ///< either case
std::string base64url(std::string_view bytes);                    ///< RFC 4648 5, no padding
std::optional<std::string> from_base64url(std::string_view text); ///< padding refused
std::string base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

/// Time depends on the lengths only. Two empty strings are NOT equal: a missing secret never matches.
bool constant_time_equal(std::string_view a, std::string_view b);

/// AES-256-GCM with a random 96-bit nonce: nonce || ciphertext || tag. `key` has 32 bytes.
std::string seal(std::string_view key, std::string_view plaintext, std::string_view aad);
/// nullopt when key, AAD or a single bit is wrong.
std::optional<SecretText> open(std::string_view key, std::string_view sealed, std::string_view aad);

/// scrypt (RFC 7914) N=2^15 r=8 p=1, 16-byte salt: "$scrypt$ln=15,r=8,p=1$<salt b64>$<hash b64>".
std::string hash_password(std::string_view password);
/// False for a wrong password and for a hash that cannot be read.
bool verify_password(std::string_view password, std::string_view encoded);

} // namespace scai::crypto
