// Values that are made up: uniform random text, key pairs in PEM and OpenSSH form, bcrypt.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/secret.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace scai::crypto {

/// Uniform in [0, bound); `bound` > 0. No modulo bias.
std::uint32_t random_below(std::uint32_t bound);
/// `length` characters, each drawn uniformly from `alphabet` (1..256 characters).
SecretText random_text(std::string_view alphabet, std::size_t length);

struct KeyPair {
    SecretText private_key;
    std::string public_key;
};
/// PKCS #8 and SubjectPublicKeyInfo, PEM.
KeyPair make_rsa_pair(int bits);
/// `curve` is "P-256" or "P-384"; PEM like above.
KeyPair make_ec_pair(std::string_view curve);
/// openssh-key-v1 (PROTOCOL.key), not encrypted, and one line "ssh-ed25519 AAAA... comment".
KeyPair make_ssh_ed25519_pair(std::string_view comment);
KeyPair make_ssh_rsa_pair(int bits, std::string_view comment);

/// "$2b$<rounds>$...", rounds 4..31. More than 72 bytes of a password do not count and are refused (throws).
std::string bcrypt(std::string_view password, int rounds);

} // namespace scai::crypto
