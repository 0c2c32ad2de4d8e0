// Verification keys, imported once. libjose's own verify imports the JWK for every call; here it imports once
// (jose_openssl_jwk_to_EVP_PKEY) and the signature check is one EVP call on the shared, immutable key.
// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/jose/jose.hpp"
#include "lib/jose/libjose.hpp"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>

namespace scai::jose {

namespace {

constexpr std::size_t max_keys = 64; ///< a token without kid is tried against all of them
constexpr std::size_t coordinate_size = 32;
constexpr int min_rsa_bits = 2048;
constexpr int max_rsa_bits = 8192;

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

bool allows_verification(const json::Value& jwk) {
    if (jwk.get("use").present() && jwk.member("use") != "sig")
        return false;
    const json::Value operations = jwk.get("key_ops");
    if (!operations.present())
        return true;
    bool verifies = false;
    operations.each_item([&](const json::Value& item) { verifies |= item.text_or("") == "verify"; });
    return verifies;
}

/// The algorithm this key can check here, by kty, curve and alg.
std::optional<Algorithm> algorithm_of(const json::Value& jwk) {
    std::optional<Algorithm> algorithm;
    if (jwk.member("kty") == "RSA")
        algorithm = Algorithm::rs256;
    else if (jwk.member("kty") == "EC" && jwk.member("crv") == "P-256")
        algorithm = Algorithm::es256;
    if (algorithm && jwk.get("alg").present() && jwk.member("alg") != name(*algorithm))
        return std::nullopt;
    return algorithm;
}

bool well_formed(const json::Value& jwk, Algorithm algorithm) {
    if (algorithm == Algorithm::es256) {
        const auto x = crypto::from_base64url(jwk.member("x"));
        const auto y = crypto::from_base64url(jwk.member("y"));
        return x && y && x->size() == coordinate_size && y->size() == coordinate_size;
    }
    const auto n = crypto::from_base64url(jwk.member("n"));
    const auto e = crypto::from_base64url(jwk.member("e"));
    // An exponent of 1 would make every signature good, an even one none; a long one only costs time.
    const bool exponent = e && !e->empty() && e->size() <= 8 &&
                          (static_cast<unsigned char>(e->back()) & 1U) != 0 &&
                          *e != std::string(e->size() - 1, '\0') + '\x01';
    return n && exponent && n->size() <= max_rsa_bits / 8 + 1;
}

KeyPtr import(const json::Value& jwk, Algorithm algorithm) {
    if (!well_formed(jwk, algorithm))
        return nullptr;
    const json::Value plain =
        algorithm == Algorithm::rs256 ? pick(jwk, {"kty", "n", "e"}) : pick(jwk, {"kty", "crv", "x", "y"});
    KeyPtr key(jose_openssl_jwk_to_EVP_PKEY(nullptr, plain.raw()));
    if (key && algorithm == Algorithm::rs256 &&
        (EVP_PKEY_get_bits(key.get()) < min_rsa_bits || EVP_PKEY_get_bits(key.get()) > max_rsa_bits))
        key.reset();
    if (key) { // an EC point off the curve, for one
        const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> check(
            EVP_PKEY_CTX_new(key.get(), nullptr), EVP_PKEY_CTX_free);
        if (!check || EVP_PKEY_public_check_quick(check.get()) != 1)
            key.reset();
    }
    ERR_clear_error();
    return key;
}

/// JWS carries r || s (RFC 7518 3.4), OpenSSL wants DER.
std::optional<std::string> der_of(std::string_view raw) {
    if (raw.size() != 2 * coordinate_size)
        return std::nullopt;
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(ECDSA_SIG_new(), ECDSA_SIG_free);
    BIGNUM* r = BN_bin2bn(bytes(raw), static_cast<int>(coordinate_size), nullptr);
    BIGNUM* s = BN_bin2bn(bytes(raw.substr(coordinate_size)), static_cast<int>(coordinate_size), nullptr);
    if (!pair || r == nullptr || s == nullptr || ECDSA_SIG_set0(pair.get(), r, s) != 1) {
        BN_free(r);
        BN_free(s);
        return std::nullopt;
    }
    std::string der(static_cast<std::size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)), '\0');
    auto* out = reinterpret_cast<unsigned char*>(der.data());
    i2d_ECDSA_SIG(pair.get(), &out);
    return der;
}

bool signature_is_good(EVP_PKEY* key, std::string_view signature, std::string_view input) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const bool good =
        context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
        EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(input), input.size()) == 1;
    if (!good)
        ERR_clear_error(); // the thread's queue would grow with every bad token
    return good;
}

Error bad_document(const std::string& why) {
    Error error;
    error.kind = ErrorKind::upstream;
    error.code = "bad_jwks";
    error.message = "the JWKS document " + why;
    return error;
}

} // namespace

struct KeySet::Impl {
    struct Key {
        std::string kid;
        Algorithm algorithm;
        KeyPtr key;
    };
    std::vector<Key> keys;
    std::size_t skipped = 0;
};

KeySet::KeySet() : impl_(std::make_unique<Impl>()) {}
KeySet::KeySet(KeySet&&) noexcept = default;
KeySet& KeySet::operator=(KeySet&&) noexcept = default;
KeySet::~KeySet() = default;

Result<KeySet> KeySet::parse(const json::Value& jwks_document) {
    const json::Value list = jwks_document.get("keys");
    if (!list.is_array())
        return bad_document("has no array called keys");
    KeySet set;
    list.each_item([&](const json::Value& jwk) {
        const auto algorithm = algorithm_of(jwk);
        KeyPtr key;
        if (algorithm && allows_verification(jwk) && set.impl_->keys.size() < max_keys)
            key = import(jwk, *algorithm);
        if (key)
            set.impl_->keys.push_back({jwk.member("kid"), *algorithm, std::move(key)});
        else
            ++set.impl_->skipped;
    });
    return set;
}

bool KeySet::verify(const Parsed& token) const {
    std::string_view signature = token.signature;
    std::string der;
    if (token.header.algorithm == Algorithm::es256) {
        auto converted = der_of(signature);
        if (!converted)
            return false;
        der = std::move(*converted);
        signature = der;
    }
    return std::any_of(impl_->keys.begin(), impl_->keys.end(), [&](const Impl::Key& key) {
        return key.algorithm == token.header.algorithm &&
               (token.header.kid.empty() || key.kid == token.header.kid) &&
               signature_is_good(key.key.get(), signature, token.signing_input);
    });
}

bool KeySet::has_key(std::string_view kid, Algorithm algorithm) const {
    return std::any_of(impl_->keys.begin(), impl_->keys.end(), [&](const Impl::Key& key) {
        return key.algorithm == algorithm && (kid.empty() || key.kid == kid);
    });
}

std::size_t KeySet::usable() const {
    return impl_->keys.size();
}

std::size_t KeySet::skipped() const {
    return impl_->skipped;
}

} // namespace scai::jose
