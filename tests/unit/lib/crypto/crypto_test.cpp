// Known answers from the RFCs, and for every accepting test a refusing twin.
// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

namespace crypto = scai::crypto;

namespace {
std::string hex(std::string_view text) {
    return crypto::from_hex(text).value();
}
} // namespace

BOOST_AUTO_TEST_SUITE(lib_crypto)

BOOST_AUTO_TEST_CASE(sha256_of_abc_is_the_published_one) {
    BOOST_TEST(crypto::to_hex(crypto::sha256("abc")) ==
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); // FIPS 180-2 B.1
    BOOST_TEST(crypto::to_hex(crypto::sha256("")) ==
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

BOOST_AUTO_TEST_CASE(hmac_matches_rfc_4231) {
    BOOST_TEST(crypto::to_hex(crypto::hmac_sha256(std::string(20, '\x0b'), "Hi There")) ==
               "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"); // case 1
    BOOST_TEST(crypto::to_hex(crypto::hmac_sha256("Jefe", "what do ya want for nothing?")) ==
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"); // case 2
    BOOST_TEST(
        crypto::to_hex(crypto::hmac_sha256(std::string(131, '\xaa'),
                                           "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"); // case 6
}

BOOST_AUTO_TEST_CASE(hmac_of_the_webhook_example_matches_the_contract) {
    const std::string body =
        R"({"actor":{"id":"usr_adm1","type":"admin"},"data":{"group_id":"grp_ops","user_id":"usr_bo1"},)"
        R"("event_id":"evt_T3stVect0r000001","event_type":"group.member_added","partner_id":"prt_p1",)"
        R"("resource":{"id":"grp_ops","type":"group"},"tenant_id":"tnt_t1","timestamp":"2026-05-20T08:00:00Z"})";
    BOOST_TEST(crypto::to_hex(crypto::hmac_sha256("whsec-demo-key", "1779264000." + body)) ==
               "8a299b8d729dde950238fca2e316276a52e1e1daa8652df1ad236b16a0157f12");
}

BOOST_AUTO_TEST_CASE(hkdf_matches_rfc_5869) {
    BOOST_TEST(crypto::to_hex(crypto::hkdf_sha256(std::string(22, '\x0b'), hex("000102030405060708090a0b0c"),
                                                  hex("f0f1f2f3f4f5f6f7f8f9"), 42)) ==
               "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"); // A.1
    BOOST_TEST(crypto::to_hex(crypto::hkdf_sha256(std::string(22, '\x0b'), "", "", 42)) ==
               "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"); // A.3
}

BOOST_AUTO_TEST_CASE(base64_matches_rfc_4648) {
    const std::pair<const char*, const char*> vectors[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (const auto& [plain, coded] : vectors) {
        BOOST_TEST(crypto::base64(plain) == coded);
        BOOST_TEST(crypto::from_base64(coded).value() == plain);
        std::string bare = coded;
        bare.erase(bare.find_last_not_of('=') + 1);
        BOOST_TEST(crypto::base64url(plain) == bare);
        BOOST_TEST(crypto::from_base64url(bare).value() == plain);
    }
    BOOST_TEST(crypto::base64url("\xfb\xff\xfe") == "-__-");
    BOOST_TEST(crypto::base64("\xfb\xff\xfe") == "+//+");
}

BOOST_AUTO_TEST_CASE(broken_base64_is_refused) {
    for (const char* text : {"Zg==", "Zg=", "Z", "Zm9vY", "Zm 9", "Zm9v\n", "+//+", "Zh", "Zm9", "\xc3\xa9"})
        BOOST_TEST(!crypto::from_base64url(text), text);
    for (const char* text : {"Zg", "Zg=", "Zg===", "====", "-__-", "Zh==", "Z=g=", "Zm9v=Zm9"})
        BOOST_TEST(!crypto::from_base64(text), text);
}

BOOST_AUTO_TEST_CASE(hex_round_trips_and_refuses_other_text) {
    BOOST_TEST(crypto::to_hex(std::string("\x00\xff\x10", 3)) == "00ff10");
    BOOST_TEST(crypto::from_hex("00FF10").value() == std::string("\x00\xff\x10", 3));
    for (const char* text : {"0", "0g", "0x", " 00", "é"})
        BOOST_TEST(!crypto::from_hex(text), text);
}

BOOST_AUTO_TEST_CASE(constant_time_equal_never_matches_nothing) {
    BOOST_TEST(crypto::constant_time_equal("abc", "abc"));
    BOOST_TEST(!crypto::constant_time_equal("abc", "abd"));
    BOOST_TEST(!crypto::constant_time_equal("abc", "ab"));
    BOOST_TEST(!crypto::constant_time_equal("", ""));
}

BOOST_AUTO_TEST_CASE(random_ids_have_the_alphabet_and_differ) {
    std::set<std::string> seen;
    std::set<char> letters;
    for (int i = 0; i < 200; ++i) {
        const std::string id = crypto::random_id(32);
        BOOST_TEST(id.size() == 32U);
        BOOST_TEST(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos);
        letters.insert(id.begin(), id.end());
        seen.insert(id);
    }
    BOOST_TEST(seen.size() == 200U);
    BOOST_TEST(letters.size() == 36U);
    BOOST_TEST(crypto::random_id(0).empty());
}

BOOST_AUTO_TEST_CASE(sealed_text_opens_only_unchanged) {
    const std::string key = crypto::random_bytes(32);
    for (const std::string& plain : {std::string("attack at dawn"), std::string()}) {
        const std::string sealed = crypto::seal(key, plain, "row 7");
        BOOST_TEST(sealed.size() == 12 + plain.size() + 16);
        BOOST_TEST(crypto::open(key, sealed, "row 7").value().reveal() == plain);
        BOOST_TEST(!crypto::open(key, sealed, "row 8"));
        BOOST_TEST(!crypto::open(crypto::random_bytes(32), sealed, "row 7"));
        BOOST_TEST(!crypto::open("short", sealed, "row 7"));
        for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
            std::string flipped = sealed;
            flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
            BOOST_TEST(!crypto::open(key, flipped, "row 7"));
        }
        BOOST_TEST(!crypto::open(key, sealed.substr(0, sealed.size() - 1), "row 7"));
        BOOST_TEST(!crypto::open(key, "", "row 7"));
        BOOST_TEST(crypto::seal(key, plain, "row 7") != sealed); // a nonce is never used twice
    }
}

BOOST_AUTO_TEST_CASE(scrypt_matches_rfc_7914) {
    // Section 12: P="password", S="NaCl", N=1024, r=8, p=16.
    const std::string hash = hex("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                                 "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
    const std::string encoded =
        "$scrypt$ln=10,r=8,p=16$" + crypto::base64("NaCl") + "$" + crypto::base64(hash);
    BOOST_TEST(crypto::verify_password("password", encoded));
    BOOST_TEST(!crypto::verify_password("Password", encoded));
}

BOOST_AUTO_TEST_CASE(password_hash_is_salted_and_judges) {
    const std::string encoded = crypto::hash_password("correct horse");
    BOOST_TEST(encoded.starts_with("$scrypt$ln=15,r=8,p=1$"));
    BOOST_TEST(crypto::verify_password("correct horse", encoded));
    BOOST_TEST(!crypto::verify_password("correct horse ", encoded));
    BOOST_TEST(crypto::hash_password("correct horse") != encoded);
}

BOOST_AUTO_TEST_CASE(unreadable_password_hash_never_matches) {
    const char* const broken[] = {
        "",
        "$scrypt$",
        "$argon2id$ln=10,r=8,p=1$TmFDbA==$TmFDbA==",
        "$scrypt$ln=10,r=8$TmFDbA==$TmFDbA==",
        "$scrypt$ln=10,r=8,p=1$TmFDbA==$TmFDbA==",                                      // hash too short
        "$scrypt$ln=60,r=8,p=1$TmFDbA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",  // would never end
        "$scrypt$ln=20,r=32,p=1$TmFDbA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", // 4 GiB
        "$scrypt$ln=-1,r=8,p=1$TmFDbA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "$scrypt$ln=10,r=8,p=1$***$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    };
    for (const char* encoded : broken)
        BOOST_TEST(!crypto::verify_password("password", encoded), encoded);
}

BOOST_AUTO_TEST_SUITE_END()
