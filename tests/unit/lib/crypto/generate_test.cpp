// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/generate.hpp"

#include "lib/crypto/crypto.hpp"

#include <boost/test/unit_test.hpp>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <crypt.h>
#include <cstdint>
#include <memory>

namespace crypto = scai::crypto;

BOOST_AUTO_TEST_SUITE(lib_crypto_generate)

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Key read_private(std::string_view pem) {
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    Key key(PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr), EVP_PKEY_free);
    BIO_free(bio);
    return key;
}
Key read_public(std::string_view pem) {
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    Key key(PEM_read_bio_PUBKEY(bio, nullptr, nullptr, nullptr), EVP_PKEY_free);
    BIO_free(bio);
    return key;
}

/// What an SSH blob holds, field by field.
class Blob {
public:
    explicit Blob(std::string data) : data_(std::move(data)) {}
    std::uint32_t number() {
        std::uint32_t out = 0;
        for (int i = 0; i < 4; ++i)
            out = (out << 8U) | static_cast<unsigned char>(data_.at(at_++));
        return out;
    }
    std::string string() {
        const auto size = number();
        auto out = data_.substr(at_, size);
        BOOST_REQUIRE(out.size() == size);
        at_ += size;
        return out;
    }
    std::string rest() const { return data_.substr(at_); }
    void skip(std::size_t count) { at_ += count; }

private:
    std::string data_;
    std::size_t at_ = 0;
};

/// The private section of an unencrypted OpenSSH file, checked as far as it is the same for every type.
Blob opened(std::string_view file, std::string& public_blob) {
    constexpr std::string_view head = "-----BEGIN OPENSSH PRIVATE KEY-----\n",
                               tail = "-----END OPENSSH PRIVATE KEY-----\n";
    BOOST_REQUIRE(file.starts_with(head));
    BOOST_REQUIRE(file.ends_with(tail));
    std::string encoded;
    for (const char c : file.substr(head.size(), file.size() - head.size() - tail.size()))
        if (c != '\n')
            encoded += c;
    const auto bytes = crypto::from_base64(encoded);
    BOOST_REQUIRE(bytes.has_value());
    BOOST_REQUIRE(bytes->starts_with(std::string_view("openssh-key-v1\0", 15)));
    Blob outer(bytes->substr(15));
    BOOST_TEST(outer.string() == "none");
    BOOST_TEST(outer.string() == "none");
    BOOST_TEST(outer.string() == "");
    BOOST_TEST(outer.number() == 1U);
    public_blob = outer.string();
    const auto inner = outer.string();
    BOOST_TEST(inner.size() % 8 == 0U);
    Blob out(inner);
    BOOST_TEST(out.number() == out.number());
    return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(small_numbers_are_drawn_evenly) {
    std::array<int, 7> seen{};
    for (int i = 0; i < 70000; ++i)
        ++seen.at(crypto::random_below(7));
    for (const int count : seen) // ten standard deviations
        BOOST_TEST((count > 9050 && count < 10950), count);
    for (int i = 0; i < 100; ++i)
        BOOST_TEST(crypto::random_below(1) == 0U);
}

BOOST_AUTO_TEST_CASE(characters_are_drawn_evenly) {
    constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const auto text = crypto::random_text(alphabet, 124000);
    BOOST_TEST(text.size() == 124000U);
    std::array<int, 256> seen{};
    for (const char c : text.reveal())
        ++seen.at(static_cast<unsigned char>(c));
    for (const char c : alphabet) { // 2000 each, ten standard deviations
        const int count = seen.at(static_cast<unsigned char>(c));
        BOOST_TEST((count > 1550 && count < 2450), c << " " << count);
    }
    BOOST_TEST(crypto::random_text(alphabet, 32).reveal() != crypto::random_text(alphabet, 32).reveal());
}

BOOST_AUTO_TEST_CASE(pem_pairs_belong_together) {
    const auto rsa = crypto::make_rsa_pair(2048);
    BOOST_TEST(rsa.private_key.reveal().starts_with("-----BEGIN PRIVATE KEY-----\n"));
    BOOST_TEST(rsa.public_key.starts_with("-----BEGIN PUBLIC KEY-----\n"));
    const auto rsa_private = read_private(rsa.private_key.reveal()), rsa_public = read_public(rsa.public_key);
    BOOST_REQUIRE((rsa_private && rsa_public));
    BOOST_TEST(EVP_PKEY_get_bits(rsa_private.get()) == 2048);
    BOOST_TEST(EVP_PKEY_eq(rsa_private.get(), rsa_public.get()) == 1);
    for (const auto& [curve, bits] : {std::pair{"P-256", 256}, std::pair{"P-384", 384}}) {
        const auto ec = crypto::make_ec_pair(curve);
        const auto ec_private = read_private(ec.private_key.reveal()), ec_public = read_public(ec.public_key);
        BOOST_REQUIRE((ec_private && ec_public));
        BOOST_TEST(EVP_PKEY_get_bits(ec_private.get()) == bits);
        BOOST_TEST(EVP_PKEY_eq(ec_private.get(), ec_public.get()) == 1);
        BOOST_TEST(EVP_PKEY_eq(ec_private.get(), rsa_public.get()) != 1);
    }
}

BOOST_AUTO_TEST_CASE(an_ed25519_pair_is_an_openssh_file_with_its_own_public_key) {
    const auto pair = crypto::make_ssh_ed25519_pair("ops@example.test");
    std::string blob;
    auto inner = opened(pair.private_key.reveal(), blob);
    BOOST_TEST(pair.public_key == "ssh-ed25519 " + crypto::base64(blob) + " ops@example.test");
    BOOST_TEST(inner.string() == "ssh-ed25519");
    const auto point = inner.string();
    const auto secret = inner.string();
    BOOST_TEST(inner.string() == "ops@example.test");
    BOOST_REQUIRE(secret.size() == 64U);
    BOOST_TEST(secret.substr(32) == point);
    const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                               reinterpret_cast<const unsigned char*>(secret.data()), 32),
                  EVP_PKEY_free);
    std::string derived(32, '\0');
    std::size_t size = derived.size();
    BOOST_REQUIRE(
        EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(derived.data()), &size) == 1);
    BOOST_TEST(derived == point);
    const auto padding = inner.rest();
    for (std::size_t i = 0; i < padding.size(); ++i)
        BOOST_TEST(padding[i] == static_cast<char>(i + 1));
}

BOOST_AUTO_TEST_CASE(an_ssh_rsa_pair_names_its_modulus_in_both_files) {
    const auto pair = crypto::make_ssh_rsa_pair(2048, "");
    std::string blob;
    auto inner = opened(pair.private_key.reveal(), blob);
    BOOST_TEST(pair.public_key == "ssh-rsa " + crypto::base64(blob));
    BOOST_TEST(inner.string() == "ssh-rsa");
    const auto n = inner.string(), e = inner.string();
    Blob shown(blob);
    BOOST_TEST(shown.string() == "ssh-rsa");
    BOOST_TEST(shown.string() == e);
    BOOST_TEST(shown.string() == n);
    BOOST_TEST(n.size() == 257U); // a zero in front: the modulus is positive
    BOOST_TEST(n.front() == '\0');
}

BOOST_AUTO_TEST_CASE(a_bcrypt_hash_verifies_its_password_and_no_other) {
    const auto hash = crypto::bcrypt("correct horse", 4);
    BOOST_TEST(hash.starts_with("$2b$04$"));
    BOOST_TEST(hash.size() == 60U);
    crypt_data data{};
    BOOST_TEST(std::string(crypt_r("correct horse", hash.c_str(), &data)) == hash);
    BOOST_TEST(std::string(crypt_r("correct horsf", hash.c_str(), &data)) != hash);
    BOOST_TEST(crypto::bcrypt("correct horse", 4) != hash); // another salt
    BOOST_CHECK_THROW(crypto::bcrypt(std::string(73, 'a'), 4), std::invalid_argument);
    BOOST_CHECK_THROW(crypto::bcrypt("x", 3), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
