// Against SoftHSM2, with a token of its own in a scratch folder. SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/seal/kms_pkcs11.hpp"

#include <boost/test/unit_test.hpp>

#include <p11-kit-1/p11-kit/pkcs11.h>

#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace {

using scai::SecretText;
using scaivault::seal::Kms;
using scaivault::seal::make_pkcs11_kms;
using scaivault::seal::Pkcs11Settings;

constexpr auto module_path = "/usr/lib/softhsm/libsofthsm2.so";
constexpr auto pin = "1234-5678";

unsigned char* text(const char* value) {
    return reinterpret_cast<unsigned char*>(const_cast<char*>(value));
}

/// One token for the process: SoftHSM reads its configuration once.
struct Token {
    std::string folder = "/tmp/scai-softhsm-" + scai::crypto::random_id(10);
    CK_FUNCTION_LIST* api = nullptr;

    Token() {
        std::filesystem::create_directories(folder + "/tokens");
        std::ofstream(folder + "/softhsm2.conf")
            << "directories.tokendir = " << folder
            << "/tokens\nobjectstore.backend = file\nlog.level = ERROR\n";
        ::setenv("SOFTHSM2_CONF", (folder + "/softhsm2.conf").c_str(), 1);
        void* library = ::dlopen(module_path, RTLD_NOW | RTLD_LOCAL);
        BOOST_REQUIRE(library != nullptr);
        const auto get =
            reinterpret_cast<CK_RV (*)(CK_FUNCTION_LIST**)>(::dlsym(library, "C_GetFunctionList"));
        BOOST_REQUIRE(get != nullptr && get(&api) == CKR_OK);
        BOOST_REQUIRE(api->C_Initialize(nullptr) == CKR_OK);
        CK_SLOT_ID slot = 0;
        CK_ULONG count = 1;
        BOOST_REQUIRE(api->C_GetSlotList(CK_FALSE, &slot, &count) == CKR_OK);
        char label[32];
        std::memset(label, ' ', sizeof label);
        std::memcpy(label, "scaivault", 9);
        BOOST_REQUIRE(api->C_InitToken(slot, text("so-pin"), 6, text(label)) == CKR_OK);
        count = 1;
        BOOST_REQUIRE(api->C_GetSlotList(CK_TRUE, &slot, &count) == CKR_OK);
        CK_SESSION_HANDLE session = 0;
        BOOST_REQUIRE(api->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr,
                                         &session) == CKR_OK);
        BOOST_REQUIRE(api->C_Login(session, CKU_SO, text("so-pin"), 6) == CKR_OK);
        BOOST_REQUIRE(api->C_InitPIN(session, text(pin), std::strlen(pin)) == CKR_OK);
        BOOST_REQUIRE(api->C_Logout(session) == CKR_OK);
        BOOST_REQUIRE(api->C_Login(session, CKU_USER, text(pin), std::strlen(pin)) == CKR_OK);
        for (const char* name : {"root-1", "root-2", "twin", "twin"})
            make_key(session, name);
        api->C_CloseSession(session);
    }
    ~Token() { std::filesystem::remove_all(folder); }

    void make_key(CK_SESSION_HANDLE session, const char* name) const {
        CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
        CK_ULONG length = 32;
        CK_MECHANISM mechanism{CKM_AES_KEY_GEN, nullptr, 0};
        CK_ATTRIBUTE attributes[] = {{CKA_LABEL, text(name), std::strlen(name)},
                                     {CKA_VALUE_LEN, &length, sizeof length},
                                     {CKA_TOKEN, &yes, sizeof yes},
                                     {CKA_PRIVATE, &yes, sizeof yes},
                                     {CKA_SENSITIVE, &yes, sizeof yes},
                                     {CKA_EXTRACTABLE, &no, sizeof no},
                                     {CKA_ENCRYPT, &yes, sizeof yes},
                                     {CKA_DECRYPT, &yes, sizeof yes}};
        CK_OBJECT_HANDLE handle = 0;
        BOOST_REQUIRE(api->C_GenerateKey(session, &mechanism, attributes, std::size(attributes), &handle) ==
                      CKR_OK);
    }
};

Token& token() {
    static Token made;
    return made;
}

std::unique_ptr<Kms> kms_of(const std::string& label, const std::string& slot = "scaivault",
                            const std::string& given_pin = pin) {
    token();
    return make_pkcs11_kms({module_path, slot, SecretText(given_pin), label}).value();
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaivault_seal_kms_pkcs11)

BOOST_AUTO_TEST_CASE(a_key_of_the_token_wraps_with_the_context_bound) {
    const auto kms = kms_of("root-1");
    BOOST_TEST(kms->provider() == "pkcs11");
    BOOST_TEST(kms->reference().value() == "root-1");
    BOOST_TEST(static_cast<bool>(kms->check()));
    const std::string key = scai::crypto::random_bytes(32);
    const std::string wrapped = kms->wrap("root-1", SecretText(key), "partner p1").value();
    BOOST_TEST(wrapped.size() == 12U + 32U + 16U);
    BOOST_TEST(wrapped.find(key) == std::string::npos);
    BOOST_TEST((kms->unwrap("root-1", wrapped, "partner p1").value().reveal() == key));
    BOOST_TEST(kms->unwrap("root-1", wrapped, "partner p2").error().code == "unwrap_failed");
    BOOST_TEST(kms->unwrap("root-2", wrapped, "partner p1").error().code == "unwrap_failed");
    std::string flipped = wrapped;
    flipped[30] = static_cast<char>(flipped[30] ^ 1);
    BOOST_TEST(kms->unwrap("root-1", flipped, "partner p1").error().code == "unwrap_failed");
    BOOST_TEST(kms->unwrap("root-1", "short", "partner p1").error().code == "unwrap_failed");
    BOOST_TEST(kms->wrap("root-1", SecretText(key), "partner p1").value() != wrapped);
}

BOOST_AUTO_TEST_CASE(an_older_label_serves_beside_the_newer_one) {
    const auto old = kms_of("root-1");
    const std::string wrapped = old->wrap("root-1", SecretText("key"), "c").value();
    const auto fresh = kms_of("root-2", "");
    BOOST_TEST(fresh->reference().value() == "root-2");
    BOOST_TEST(fresh->unwrap("root-1", wrapped, "c").value().reveal() == "key");
    BOOST_TEST(
        fresh->unwrap("root-2", fresh->wrap("root-2", SecretText("k2"), "c").value(), "c").value().reveal() ==
        "k2");
}

BOOST_AUTO_TEST_CASE(what_is_missing_or_ambiguous_is_an_outage) {
    BOOST_TEST(kms_of("absent")->check().error().code == "encryption_unavailable");
    BOOST_TEST(kms_of("twin")->wrap("twin", SecretText("k"), "").error().code == "encryption_unavailable");
    BOOST_TEST(kms_of("root-1", "another token")->check().error().code == "encryption_unavailable");
    BOOST_TEST(kms_of("root-1", "4711")->check().error().code == "encryption_unavailable");
}

BOOST_AUTO_TEST_CASE(a_wrong_pin_is_an_outage) {
    token().api->C_Finalize(nullptr); // nobody is logged in any more
    BOOST_REQUIRE(token().api->C_Initialize(nullptr) == CKR_OK);
    const auto kms = kms_of("root-1", "scaivault", "0000");
    BOOST_TEST(kms->check().error().code == "encryption_unavailable");
    BOOST_TEST(kms->wrap("root-1", SecretText("k"), "").error().message.find("0000") == std::string::npos);
    BOOST_TEST(static_cast<bool>(kms_of("root-1")->check()));
}

BOOST_AUTO_TEST_CASE(a_token_that_was_away_serves_again) {
    const auto kms = kms_of("root-1");
    const std::string wrapped = kms->wrap("root-1", SecretText("key"), "c").value();
    token().api->C_Finalize(nullptr);
    BOOST_TEST(kms->unwrap("root-1", wrapped, "c").error().code == "encryption_unavailable");
    BOOST_REQUIRE(token().api->C_Initialize(nullptr) == CKR_OK);
    BOOST_TEST(kms->unwrap("root-1", wrapped, "c").value().reveal() == "key");
}

BOOST_AUTO_TEST_CASE(threads_share_it) {
    const auto kms = kms_of("root-1");
    std::vector<std::thread> threads;
    std::vector<int> good(4, 0);
    for (std::size_t i = 0; i < good.size(); ++i)
        threads.emplace_back([&, i] {
            for (int n = 0; n < 20; ++n) {
                const auto wrapped = kms->wrap("root-1", SecretText("key " + std::to_string(n)), "c");
                good[i] += wrapped && kms->unwrap("root-1", *wrapped, "c").value().reveal() ==
                                          "key " + std::to_string(n);
            }
        });
    for (auto& thread : threads)
        thread.join();
    for (const int count : good)
        BOOST_TEST(count == 20);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_module_is_named) {
    for (const char* path :
         {"/nonexistent.so", "/etc/hostname", "/usr/lib/x86_64-linux-gnu/libcrypto.so.3"}) {
        const auto kms = make_pkcs11_kms({path, "", SecretText("1"), "k"});
        BOOST_REQUIRE(!kms);
        BOOST_TEST(kms.error().message.starts_with("KMS_PKCS11_MODULE: " + std::string(path) + ": "));
    }
}

BOOST_AUTO_TEST_SUITE_END()
