// What the sources of lib/crypto share over OpenSSL; not for other folders. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

namespace scai::crypto {

inline constexpr std::size_t sha256_size = 32;

/// OpenSSL itself failed: no caller can handle it, and no input goes into the text.
[[noreturn]] inline void fail(const char* what) {
    throw std::runtime_error(std::string("OpenSSL: ") + what + " failed");
}

inline int to_int(std::size_t size) {
    if (size > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        throw std::length_error("OpenSSL: input too long");
    return static_cast<int>(size);
}

inline unsigned char* bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}
inline const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// OSSL_PARAM wants a pointer to non-const it never writes through, and no null even for nothing.
inline OSSL_PARAM octets(const char* key, std::string_view value) {
    static char nothing = '\0';
    return OSSL_PARAM_construct_octet_string(key, value.empty() ? &nothing : const_cast<char*>(value.data()),
                                             value.size());
}

class KdfContext {
public:
    explicit KdfContext(const char* algorithm) {
        EVP_KDF* kdf = EVP_KDF_fetch(nullptr, algorithm, nullptr);
        context_ = EVP_KDF_CTX_new(kdf); // takes its own reference; null in, null out
        EVP_KDF_free(kdf);
        if (context_ == nullptr)
            fail(algorithm);
    }
    KdfContext(const KdfContext&) = delete;
    KdfContext& operator=(const KdfContext&) = delete;
    ~KdfContext() { EVP_KDF_CTX_free(context_); }

    std::string derive(const OSSL_PARAM* params, std::size_t length) const {
        std::string out(length, '\0');
        if (EVP_KDF_derive(context_, bytes(out), length, params) != 1)
            fail("key derivation");
        return out;
    }

private:
    EVP_KDF_CTX* context_ = nullptr;
};

} // namespace scai::crypto
