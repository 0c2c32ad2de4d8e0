// Digests, HMAC, HKDF and random bytes. SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/crypto/openssl.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>

namespace scai::crypto {

std::string random_bytes(std::size_t count) {
    std::string out(count, '\0');
    if (RAND_bytes(bytes(out), to_int(count)) != 1)
        fail("random bytes");
    return out;
}

std::string random_id(std::size_t length) {
    constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    constexpr unsigned fair = 256 / 36 * 36; // bytes from here on would favour the first letters
    std::string out;
    out.reserve(length);
    while (out.size() < length) {
        const std::string pool = random_bytes(length - out.size() + 8);
        for (const char c : pool) {
            const unsigned byte = static_cast<unsigned char>(c);
            if (byte < fair && out.size() < length)
                out.push_back(alphabet[byte % alphabet.size()]);
        }
    }
    return out;
}

std::string sha256(std::string_view data) {
    // Fetched once: an implicit fetch takes a lock that all threads share.
    static const EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    std::string out(sha256_size, '\0');
    if (EVP_Digest(data.data(), data.size(), bytes(out), nullptr, digest, nullptr) != 1)
        fail("SHA-256");
    return out;
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
    std::string out(sha256_size, '\0');
    unsigned length = 0;
    if (HMAC(EVP_sha256(), key.data(), to_int(key.size()), bytes(data), data.size(), bytes(out), &length) ==
            nullptr ||
        length != sha256_size)
        fail("HMAC");
    return out;
}

std::string hkdf_sha256(std::string_view secret, std::string_view salt, std::string_view info,
                        std::size_t length) {
    const KdfContext context("HKDF");
    std::string digest = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), digest.size()),
        octets(OSSL_KDF_PARAM_KEY, secret), octets(OSSL_KDF_PARAM_SALT, salt),
        octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
    return context.derive(params, length);
}

bool constant_time_equal(std::string_view a, std::string_view b) {
    return !a.empty() && a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace scai::crypto
