// JWS vectors of RFC 7515, and a refusing twin for everything that is accepted. SPDX-License-Identifier:
// Apache-2.0
#include "lib/jose/jose.hpp"

#include "lib/crypto/crypto.hpp"

#include <boost/test/unit_test.hpp>

namespace crypto = scai::crypto;
namespace jose = scai::jose;
using scai::json::Value;

namespace {

constexpr const char* rsa_n =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SF"
    "d2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo"
    "7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkM"
    "Ls91kzk2PAcDTW9gb54h4FRWyuXpoQ";
constexpr const char* ec_x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
constexpr const char* ec_y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
// RFC 7515 A.2
constexpr const char* rs256_token =
    "eyJhbGciOiJSUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdb"
    "F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383"
    "LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy"
    "wlVmtVrBp0igcN_IoypGlUPQGe77Rw";
// RFC 7515 A.3
constexpr const char* es256_token =
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

Value rsa_key() {
    return Value::object({{"kty", "RSA"}, {"n", rsa_n}, {"e", "AQAB"}});
}
Value ec_key() {
    return Value::object({{"kty", "EC"}, {"crv", "P-256"}, {"x", ec_x}, {"y", ec_y}});
}
jose::KeySet set_of(std::initializer_list<Value> keys) {
    return jose::KeySet::parse(Value::object({{"keys", Value::array(keys)}})).value();
}
bool accepted(std::string_view token, const jose::KeySet& keys) {
    const auto parsed = jose::parse(token);
    return parsed && keys.verify(*parsed);
}
std::string compact(std::string_view header, std::string_view payload, std::string_view signature = "c2ln") {
    return crypto::base64url(header) + "." + crypto::base64url(payload) + "." + std::string(signature);
}
std::string reason(std::string_view token) {
    const auto parsed = jose::parse(token);
    if (parsed)
        return "accepted";
    BOOST_TEST((parsed.error().kind == scai::ErrorKind::unauthenticated));
    return parsed.error().message;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_jose)

BOOST_AUTO_TEST_CASE(rs256_vector_of_rfc_7515_is_good) {
    const auto keys = set_of({rsa_key()});
    BOOST_TEST(accepted(rs256_token, keys));
    const auto parsed = jose::parse(rs256_token);
    BOOST_TEST(parsed->claims.member("iss") == "joe");
    BOOST_TEST(parsed->claims.get("exp").integer().value() == 1300819380);
    BOOST_TEST(parsed->header.kid == "");
}

BOOST_AUTO_TEST_CASE(es256_vector_of_rfc_7515_is_good) {
    BOOST_TEST(accepted(es256_token, set_of({ec_key()})));
    BOOST_TEST(accepted(es256_token, set_of({rsa_key(), ec_key()})));
}

BOOST_AUTO_TEST_CASE(one_flipped_bit_is_refused) {
    const auto keys = set_of({rsa_key(), ec_key()});
    for (const std::string token : {rs256_token, es256_token}) {
        auto parsed = jose::parse(token).value();
        for (const std::size_t at :
             {std::size_t{0}, parsed.signature.size() / 2, parsed.signature.size() - 1}) {
            auto twin = parsed;
            twin.signature[at] = static_cast<char>(twin.signature[at] ^ 1);
            BOOST_TEST(!keys.verify(twin));
        }
        auto other = parsed;
        other.signing_input.back() = other.signing_input.back() == 'A' ? 'B' : 'A';
        BOOST_TEST(!keys.verify(other));
        for (const std::string& cut : {std::string(), parsed.signature.substr(1), parsed.signature + 'x'}) {
            other = parsed;
            other.signature = cut;
            BOOST_TEST(!keys.verify(other));
        }
    }
}

BOOST_AUTO_TEST_CASE(another_key_is_refused) {
    BOOST_TEST(
        !accepted(rs256_token, set_of({jose::public_key(jose::generate_key(jose::Algorithm::rs256))})));
    BOOST_TEST(
        !accepted(es256_token, set_of({jose::public_key(jose::generate_key(jose::Algorithm::es256))})));
    BOOST_TEST(!accepted(rs256_token, set_of({ec_key()})));
    BOOST_TEST(!accepted(es256_token, set_of({rsa_key()})));
    BOOST_TEST(!accepted(rs256_token, set_of({})));
}

BOOST_AUTO_TEST_CASE(signed_tokens_verify_under_their_own_kid_only) {
    for (const auto algorithm : {jose::Algorithm::rs256, jose::Algorithm::es256}) {
        const Value key = jose::generate_key(algorithm);
        const std::string token = jose::sign(Value::object({{"sub", "usr_bo1"}}), key);
        const auto parsed = jose::parse(token).value();
        BOOST_TEST(parsed.header.kid == key.member("kid"));
        BOOST_TEST((parsed.header.algorithm == algorithm));
        BOOST_TEST(parsed.claims.member("sub") == "usr_bo1");
        const auto keys = set_of({jose::public_key(key)});
        BOOST_TEST(keys.verify(parsed));
        BOOST_TEST(keys.has_key(key.member("kid"), algorithm));
        BOOST_TEST(keys.has_key("", algorithm));
        BOOST_TEST(!keys.has_key("other", algorithm));
        Value renamed = jose::public_key(key);
        renamed.set("kid", "other");
        BOOST_TEST(!set_of({renamed}).verify(parsed)); // right key, wrong name
    }
}

BOOST_AUTO_TEST_CASE(generated_keys_have_thumbprint_and_no_private_part_when_published) {
    for (const auto algorithm : {jose::Algorithm::rs256, jose::Algorithm::es256}) {
        const Value key = jose::generate_key(algorithm);
        BOOST_TEST(key.get("d").is_string());
        BOOST_TEST(key.member("use") == "sig");
        BOOST_TEST(key.member("alg") == jose::name(algorithm));
        BOOST_TEST(key.member("kid").size() == 43U);
        const Value published = jose::public_key(key);
        published.each_member([](std::string_view member, const Value&) {
            BOOST_TEST(
                (std::string_view("kty kid alg use n e crv x y").find(member) != std::string_view::npos));
        });
        if (algorithm == jose::Algorithm::rs256)
            BOOST_TEST(crypto::from_base64url(key.member("n"))->size() == 256U);
    }
}

BOOST_AUTO_TEST_CASE(thumbprint_is_that_of_rfc_7638) {
    const Value key = jose::generate_key(jose::Algorithm::es256);
    const std::string canonical =
        R"({"crv":"P-256","kty":"EC","x":")" + key.member("x") + R"(","y":")" + key.member("y") + "\"}";
    BOOST_TEST(key.member("kid") == crypto::base64url(crypto::sha256(canonical)));
}

BOOST_AUTO_TEST_CASE(algorithms_that_need_no_private_key_are_refused) {
    const std::string payload = R"({"sub":"usr_bo1"})";
    BOOST_TEST(reason(compact(R"({"alg":"none"})", payload, "")) == "unsupported alg none");
    BOOST_TEST(reason(compact(R"({"alg":"None"})", payload, "")) == "unsupported alg None");
    // HS256 with the public key as the secret, the classic confusion.
    const std::string input = crypto::base64url(R"({"alg":"HS256"})") + "." + crypto::base64url(payload);
    BOOST_TEST(reason(input + "." + crypto::base64url(crypto::hmac_sha256(rsa_n, input))) ==
               "unsupported alg HS256");
    for (const char* alg : {"HS384", "RS384", "PS256", "ES384", "EdDSA", "rs256", "RS256 "})
        BOOST_TEST(reason(compact(R"({"alg":")" + std::string(alg) + "\"}", payload)) != "accepted", alg);
    BOOST_TEST(reason(compact("{\"alg\":\"\\u0000\\n<script>\"}", payload)) != "accepted");
    BOOST_TEST(reason(compact(R"({"alg":"a\n<script>x</script>"})", payload)) ==
               "unsupported alg of the header");
}

BOOST_AUTO_TEST_CASE(what_is_no_token_is_told_plainly) {
    const std::string payload = R"({"sub":"usr_bo1"})";
    const std::string head = R"({"alg":"RS256"})";
    for (const char* text : {"", ".", "..", "...", "skt_abc", "a.b", "a.b.c", "a.b.c.d", "é.é.é", "{}.{}.{}"})
        BOOST_TEST(reason(text) == "not a JWT", text);
    BOOST_TEST(reason(compact("[]", payload)) == "not a JWT");
    BOOST_TEST(reason(compact(R"({"alg":"RS256","alg":"none"})", payload)) == "not a JWT");
    BOOST_TEST(reason(compact("{}", payload)) == "no alg in the header");
    BOOST_TEST(reason(compact(R"({"alg":7})", payload)) == "no alg in the header");
    BOOST_TEST(reason(compact(R"({"alg":"RS256","kid":7})", payload)) == "broken kid header");
    BOOST_TEST(reason(compact(R"({"alg":"RS256","crit":["exp"]})", payload)) == "unknown crit header");
    BOOST_TEST(reason(compact(R"({"alg":"RS256","crit":[]})", payload)) == "unknown crit header");
    for (const char* broken : {"", "[]", "null", "7", "{", "{\"a\":1,\"a\":2}", "\xff\xfe"})
        BOOST_TEST(reason(compact(head, broken)) == "broken payload", broken);
    BOOST_TEST(reason(compact(head, std::string(5000, '['))) == "broken payload");
    BOOST_TEST(reason(compact(head, payload, "")) == "broken signature");
    BOOST_TEST(reason(compact(head, payload, "a=b")) == "broken signature");
    BOOST_TEST(reason(compact(head, payload, "c2ln\n")) == "broken signature");
    BOOST_TEST(reason(compact(head, R"({"a":")" + std::string(16384, 'x') + "\"}")) == "longer than 16 KiB");
}

BOOST_AUTO_TEST_CASE(unusable_keys_are_skipped_and_counted) {
    const auto with = [](Value key, const char* member, Value value) {
        return key.set(member, std::move(value));
    };
    const std::string short_n = crypto::base64url("\xc1" + std::string(126, '\x55') + "\x01"); // 1,024 bits
    const auto keys = set_of({
        rsa_key(),
        Value(7),
        Value(nullptr),
        Value::object(),
        Value::object({{"kty", "oct"}, {"k", "c2VjcmV0"}}),
        Value::object({{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", ec_x}}),
        with(rsa_key(), "use", "enc"),
        with(rsa_key(), "use", 7),
        with(rsa_key(), "alg", "RS512"),
        with(rsa_key(), "alg", "HS256"),
        with(rsa_key(), "key_ops", Value::array({"encrypt"})),
        with(rsa_key(), "n", short_n),
        with(rsa_key(), "n", "not base64!"),
        with(rsa_key(), "n", Value(nullptr)),
        with(rsa_key(), "e", "AQ"),   // 1: every signature would be good
        with(rsa_key(), "e", "AAAB"), // the same, longer
        with(rsa_key(), "e", "AQAC"), // even
        with(rsa_key(), "e", ""),
        with(ec_key(), "crv", "P-384"),
        with(ec_key(), "crv", "secp256k1"),
        with(ec_key(), "y", ec_x), // not on the curve
        with(ec_key(), "x", "AAAA"),
        with(with(ec_key(), "key_ops", Value::array({"verify"})), "kid", "good"),
    });
    BOOST_TEST(keys.usable() == 2U);
    BOOST_TEST(keys.skipped() == 21U);
    BOOST_TEST(accepted(rs256_token, keys));
    BOOST_TEST(keys.has_key("good", jose::Algorithm::es256));
}

BOOST_AUTO_TEST_CASE(a_document_that_is_no_key_set_is_refused) {
    for (const char* text : {"{}", "[]", "7", R"({"keys":{}})", R"({"keys":null})"})
        BOOST_TEST(!jose::KeySet::parse(scai::json::parse(text).value()), text);
    BOOST_TEST(jose::KeySet::parse(scai::json::parse(R"({"keys":[]})").value())->usable() == 0U);
}

BOOST_AUTO_TEST_CASE(a_huge_document_is_bounded) {
    Value keys = Value::array();
    for (int i = 0; i < 300; ++i)
        keys.push(ec_key());
    const auto set = jose::KeySet::parse(Value::object({{"keys", keys}})).value();
    BOOST_TEST(set.usable() == 64U);
    BOOST_TEST(set.skipped() == 236U);
}

BOOST_AUTO_TEST_SUITE_END()
