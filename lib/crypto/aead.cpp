// AES-256-GCM: nonce || ciphertext || tag. SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/crypto/openssl.hpp"

#include <openssl/crypto.h>

#include <memory>

namespace scai::crypto {

namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

CipherContext new_context() {
    CipherContext context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    if (!context)
        fail("cipher context");
    return context;
}

/// Fetched once: an implicit fetch at each use takes a lock that all threads share.
const EVP_CIPHER* aes_256_gcm() {
    static const EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    if (fetched == nullptr)
        fail("AES-256-GCM");
    return fetched;
}

} // namespace

std::string seal(std::string_view key, std::string_view plaintext, std::string_view aad) {
    if (key.size() != key_size)
        throw std::invalid_argument("seal: the key has not 32 bytes");
    const std::string nonce = random_bytes(nonce_size);
    std::string out = nonce;
    out.resize(nonce_size + plaintext.size() + tag_size);
    unsigned char* cipher = bytes(out) + nonce_size;
    const CipherContext context = new_context();
    int length = 0;
    if (EVP_EncryptInit_ex(context.get(), aes_256_gcm(), nullptr, bytes(key),
                           bytes(std::string_view(nonce))) != 1 ||
        (!aad.empty() &&
         EVP_EncryptUpdate(context.get(), nullptr, &length, bytes(aad), to_int(aad.size())) != 1) ||
        (!plaintext.empty() && EVP_EncryptUpdate(context.get(), cipher, &length, bytes(plaintext),
                                                 to_int(plaintext.size())) != 1) ||
        EVP_EncryptFinal_ex(context.get(), cipher + plaintext.size(), &length) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, to_int(tag_size),
                            cipher + plaintext.size()) != 1)
        fail("AES-256-GCM");
    return out;
}

std::optional<SecretText> open(std::string_view key, std::string_view sealed, std::string_view aad) {
    if (key.size() != key_size || sealed.size() < nonce_size + tag_size)
        return std::nullopt;
    const std::string_view nonce = sealed.substr(0, nonce_size);
    const std::string_view cipher = sealed.substr(nonce_size, sealed.size() - nonce_size - tag_size);
    std::string tag(sealed.substr(sealed.size() - tag_size));
    std::string plain(cipher.size(), '\0');
    const CipherContext context = new_context();
    int length = 0;
    const bool good =
        EVP_DecryptInit_ex(context.get(), aes_256_gcm(), nullptr, bytes(key), bytes(nonce)) == 1 &&
        (aad.empty() ||
         EVP_DecryptUpdate(context.get(), nullptr, &length, bytes(aad), to_int(aad.size())) == 1) &&
        (cipher.empty() || EVP_DecryptUpdate(context.get(), bytes(plain), &length, bytes(cipher),
                                             to_int(cipher.size())) == 1) &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, to_int(tag_size), tag.data()) == 1 &&
        EVP_DecryptFinal_ex(context.get(), bytes(plain) + plain.size(), &length) == 1;
    std::optional<SecretText> out;
    if (good)
        out.emplace(plain);
    OPENSSL_cleanse(plain.data(), plain.size()); // unauthenticated or already copied: nothing of it stays
    return out;
}

} // namespace scai::crypto
