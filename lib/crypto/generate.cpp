// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/generate.hpp"

#include "lib/crypto/crypto.hpp"
#include "lib/crypto/openssl.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <array>
#include <crypt.h>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace scai::crypto {

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using Number = std::unique_ptr<BIGNUM, decltype(&BN_clear_free)>;

Key checked(EVP_PKEY* key) {
    if (key == nullptr)
        fail("key generation");
    return {key, EVP_PKEY_free};
}

/// A buffer for private bytes: room at the start, so that growing leaves no copies behind, and wiped at the
/// end.
class Buffer {
public:
    Buffer() { text_.reserve(room); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer() { explicit_bzero(text_.data(), text_.size()); }

    void number(std::uint32_t value) {
        for (int shift = 24; shift >= 0; shift -= 8)
            put(static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xFFU));
    }
    void put(char byte) { raw({&byte, 1}); }
    void raw(std::string_view data) {
        if (text_.size() + data.size() > room)
            throw std::length_error("a key does not fit its buffer");
        text_ += data;
    }
    /// RFC 4251 5 string.
    void string(std::string_view data) {
        number(static_cast<std::uint32_t>(data.size()));
        raw(data);
    }
    /// RFC 4251 5 mpint of a positive number.
    void mpint(const BIGNUM* value) {
        std::string bits(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
        BN_bn2bin(value, bytes(bits));
        const bool sign = !bits.empty() && (static_cast<unsigned char>(bits.front()) & 0x80U) != 0;
        number(static_cast<std::uint32_t>(bits.size() + (sign ? 1 : 0)));
        if (sign)
            put('\0');
        raw(bits);
        explicit_bzero(bits.data(), bits.size());
    }
    std::string_view view() const { return text_; }

private:
    static constexpr std::size_t room = 16U << 10U;
    std::string text_;
};

SecretText read_all(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    if (size <= 0)
        fail("PEM");
    return SecretText({data, static_cast<std::size_t>(size)});
}

KeyPair pem_pair(EVP_PKEY* key) {
    const Bio private_text(BIO_new(BIO_s_secmem()), BIO_free_all); // wiped when freed
    const Bio public_text(BIO_new(BIO_s_mem()), BIO_free_all);
    if (PEM_write_bio_PKCS8PrivateKey(private_text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
        PEM_write_bio_PUBKEY(public_text.get(), key) != 1)
        fail("PEM");
    return {read_all(private_text.get()), std::string(read_all(public_text.get()).reveal())};
}

/// The OpenSSH file around `secret_part`, the fields of one private key with its type.
SecretText openssh_file(std::string_view public_blob, std::string_view secret_part,
                        std::string_view comment) {
    constexpr std::size_t block = 8; // of the cipher "none"
    const std::string check = random_bytes(4);
    Buffer inner;
    inner.raw(check);
    inner.raw(check);
    inner.raw(secret_part);
    inner.string(comment);
    for (char pad = 1; inner.view().size() % block != 0; ++pad)
        inner.put(pad);
    Buffer file;
    file.raw(std::string_view("openssh-key-v1\0", 15));
    file.string("none");
    file.string("none");
    file.string("");
    file.number(1);
    file.string(public_blob);
    file.string(inner.view());
    std::string encoded = base64(file.view());
    Buffer text;
    text.raw("-----BEGIN OPENSSH PRIVATE KEY-----\n");
    constexpr std::size_t width = 70;
    for (std::size_t i = 0; i < encoded.size(); i += width) {
        text.raw(std::string_view(encoded).substr(i, width));
        text.put('\n');
    }
    text.raw("-----END OPENSSH PRIVATE KEY-----\n");
    explicit_bzero(encoded.data(), encoded.size());
    return SecretText(text.view());
}

std::string public_line(std::string_view type, std::string_view blob, std::string_view comment) {
    std::string out = std::string(type) + " " + base64(blob);
    if (!comment.empty())
        out.append(" ").append(comment);
    return out;
}

Number part_of(const EVP_PKEY* key, const char* name) {
    BIGNUM* out = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &out) != 1)
        fail(name);
    return {out, BN_clear_free};
}

} // namespace

std::uint32_t random_below(std::uint32_t bound) {
    if (bound == 0)
        throw std::logic_error("random_below(0)");
    // What lies above the largest multiple of `bound` is drawn again.
    const std::uint32_t rest = (0U - bound) % bound; // 2^32 mod bound
    for (;;) {
        std::uint32_t draw = 0;
        if (RAND_bytes(reinterpret_cast<unsigned char*>(&draw), sizeof draw) != 1)
            fail("random");
        if (draw >= rest)
            return draw % bound;
    }
}

SecretText random_text(std::string_view alphabet, std::size_t length) {
    if (alphabet.empty() || alphabet.size() > 256)
        throw std::logic_error("an alphabet has 1 to 256 characters");
    const auto size = static_cast<unsigned>(alphabet.size());
    const unsigned limit = 256U - 256U % size;
    std::string out;
    out.reserve(length);
    std::array<unsigned char, 256> pool{};
    while (out.size() < length) {
        if (RAND_bytes(pool.data(), static_cast<int>(pool.size())) != 1)
            fail("random");
        for (const unsigned char byte : pool)
            if (byte < limit && out.size() < length)
                out.push_back(alphabet[byte % size]);
    }
    explicit_bzero(pool.data(), pool.size());
    SecretText text(out);
    explicit_bzero(out.data(), out.size());
    return text;
}

KeyPair make_rsa_pair(int bits) {
    const auto key = checked(EVP_RSA_gen(static_cast<unsigned>(bits)));
    return pem_pair(key.get());
}

KeyPair make_ec_pair(std::string_view curve) {
    const auto key = checked(EVP_EC_gen(std::string(curve).c_str()));
    return pem_pair(key.get());
}

KeyPair make_ssh_ed25519_pair(std::string_view comment) {
    constexpr std::string_view type = "ssh-ed25519";
    const auto key = checked(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    std::array<char, 32> seed{}, point{};
    std::size_t seed_size = seed.size(), point_size = point.size();
    if (EVP_PKEY_get_raw_private_key(key.get(), reinterpret_cast<unsigned char*>(seed.data()), &seed_size) !=
            1 ||
        EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(point.data()), &point_size) !=
            1)
        fail("Ed25519");
    const std::string_view public_bytes(point.data(), point.size());
    Buffer blob;
    blob.string(type);
    blob.string(public_bytes);
    Buffer secret;
    secret.string(type);
    secret.string(public_bytes);
    secret.number(static_cast<std::uint32_t>(seed.size() + point.size()));
    secret.raw({seed.data(), seed.size()});
    secret.raw(public_bytes);
    explicit_bzero(seed.data(), seed.size());
    return {openssh_file(blob.view(), secret.view(), comment), public_line(type, blob.view(), comment)};
}

KeyPair make_ssh_rsa_pair(int bits, std::string_view comment) {
    constexpr std::string_view type = "ssh-rsa";
    const auto key = checked(EVP_RSA_gen(static_cast<unsigned>(bits)));
    const auto n = part_of(key.get(), OSSL_PKEY_PARAM_RSA_N), e = part_of(key.get(), OSSL_PKEY_PARAM_RSA_E);
    Buffer blob;
    blob.string(type);
    blob.mpint(e.get());
    blob.mpint(n.get());
    Buffer secret;
    secret.string(type);
    secret.mpint(n.get());
    secret.mpint(e.get());
    secret.mpint(part_of(key.get(), OSSL_PKEY_PARAM_RSA_D).get());
    secret.mpint(part_of(key.get(), OSSL_PKEY_PARAM_RSA_COEFFICIENT1).get());
    secret.mpint(part_of(key.get(), OSSL_PKEY_PARAM_RSA_FACTOR1).get());
    secret.mpint(part_of(key.get(), OSSL_PKEY_PARAM_RSA_FACTOR2).get());
    return {openssh_file(blob.view(), secret.view(), comment), public_line(type, blob.view(), comment)};
}

std::string bcrypt(std::string_view password, int rounds) {
    if (password.size() > 72 || password.find('\0') != std::string_view::npos)
        throw std::invalid_argument("bcrypt takes at most 72 bytes, none of them zero");
    const std::string salt_bytes = random_bytes(16);
    std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> salt{};
    if (crypt_gensalt_rn("$2b$", static_cast<unsigned long>(rounds), salt_bytes.data(),
                         static_cast<int>(salt_bytes.size()), salt.data(),
                         static_cast<int>(salt.size())) == nullptr)
        throw std::runtime_error("bcrypt: no salt for these rounds");
    const auto data = std::make_unique<crypt_data>(); // 32 KB
    const SecretText text(password);
    const char* hash = crypt_r(text.reveal().data(), salt.data(), data.get()); // a string: ends with a zero
    std::string out = hash == nullptr ? "" : hash;
    explicit_bzero(data.get(), sizeof(crypt_data));
    if (!out.starts_with("$2b$"))
        throw std::runtime_error("bcrypt failed");
    return out;
}

} // namespace scai::crypto
