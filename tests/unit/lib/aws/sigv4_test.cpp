// Vectors: the AWS Signature Version 4 test suite (service "service", us-east-1, 2015-08-30) and the examples
// of the Amazon S3 API Reference, "Authenticating Requests (AWS Signature Version 4)".
// SPDX-License-Identifier: Apache-2.0
#include "lib/aws/sigv4.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace {

using scai::SecretText;
using scai::aws::Credentials;
using scai::aws::Target;
using scai::http::Request;

Credentials suite_credentials(std::string_view token = "") {
    return {"AKIDEXAMPLE", SecretText("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), SecretText(token)};
}

Credentials s3_credentials() {
    return {"AKIAIOSFODNN7EXAMPLE", SecretText("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")};
}

std::string authorization(const Request& request) {
    for (const auto& [name, value] : request.headers)
        if (name == "Authorization")
            return value;
    return "";
}

std::string signature(const Request& request) {
    const std::string text = authorization(request);
    return text.substr(text.rfind('=') + 1);
}

struct Vector {
    std::string name, method, target;
    scai::http::Headers headers;
    std::string body, signature;
    bool normalize = true;
    bool encode_again = true;
    bool content_sha256 = false;
    std::string token = {};
};

const std::string long_token =
    "AQoDYXdzEPT//////////"
    "wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8Y"
    "UuwthAx7mSEI/qkPpKPi/"
    "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE"
    "8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+"
    "scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2"
    "ICCR/oLxBA==";
const std::string unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const std::vector<Vector> suite = {
    {"get-vanilla", "GET", "/", {}, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-vanilla without a path",
     "GET",
     "",
     {},
     "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-header-key-duplicate",
     "GET",
     "/",
     {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}},
     "",
     "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
    {"get-header-value-order",
     "GET",
     "/",
     {{"My-Header1", "value4"}, {"My-Header1", "value1"}, {"My-Header1", "value3"}, {"My-Header1", "value2"}},
     "",
     "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
    {"get-header-value-trim",
     "GET",
     "/",
     {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
     "",
     "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {"get-relative-normalized",
     "GET",
     "/example/..",
     {},
     "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-relative-relative-normalized",
     "GET",
     "/example1/example2/../..",
     {},
     "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-relative-relative-unnormalized",
     "GET",
     "/example1/example2/../..",
     {},
     "",
     "dc33e0856fd4baca4d7aa2146c38958283844764f38c74252a333df5e613003b",
     false},
    {"get-relative-unnormalized",
     "GET",
     "/example/..",
     {},
     "",
     "eca7ead57bb5aa5c8e28007acd4ff04e1ff9a0ff3b237ec1554a184887ff9282",
     false},
    {"get-slash-dot-slash-normalized",
     "GET",
     "/./",
     {},
     "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-slash-dot-slash-unnormalized",
     "GET",
     "/./",
     {},
     "",
     "68714168e6557f8f2de0ef956fc24dc2593a4bd2961f8df51898d8a134695145",
     false},
    {"get-slash-normalized",
     "GET",
     "//",
     {},
     "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-slash-unnormalized",
     "GET",
     "//",
     {},
     "",
     "c88bcd3d312d75078c0cd961d6deae3f4c754924b01669efcfcb439fd5e5b76e",
     false},
    {"get-slash-pointless-dot-normalized",
     "GET",
     "/./example",
     {},
     "",
     "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
    {"get-slash-pointless-dot-unnormalized",
     "GET",
     "/./example",
     {},
     "",
     "beb03f223f7deae4146464f06e29eebbee9c8afbe15c290cf07aa8b119e14cff",
     false},
    {"get-slashes-normalized",
     "GET",
     "//example//",
     {},
     "",
     "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
    {"get-slashes-unnormalized",
     "GET",
     "//example//",
     {},
     "",
     "87cca117541a147f6df867677d98a7d80dff226d2bfca9e4ffa899665623c7e5",
     false},
    // The suite writes the next two paths as people do; over the wire they are encoded already.
    {"get-space",
     "GET",
     "/example%20space/",
     {},
     "",
     "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
     true,
     false},
    {"get-utf8",
     "GET",
     "/%E1%88%B4",
     {},
     "",
     "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
     true,
     false},
    {"get-space",
     "GET",
     "/example space/",
     {},
     "",
     "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
    {"get-unreserved",
     "GET",
     "/" + unreserved,
     {},
     "",
     "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"get-vanilla-empty-query-key",
     "GET",
     "/?Param1=value1",
     {},
     "",
     "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
    {"get-vanilla-query-order-encoded",
     "GET",
     "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
     {},
     "",
     "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"},
    {"get-vanilla-query-order-key-case",
     "GET",
     "/?Param2=value2&Param1=value1",
     {},
     "",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"get-vanilla-query-unreserved",
     "GET",
     "/?" + unreserved + "=" + unreserved,
     {},
     "",
     "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
    {"get-vanilla-utf8-query",
     "GET",
     "/?\xE1\x88\xB4=bar",
     {},
     "",
     "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
    {"get-vanilla-with-session-token",
     "GET",
     "/",
     {},
     "",
     "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
     true,
     true,
     false,
     "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"},
    {"post-vanilla", "POST", "/", {}, "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"post-header-key-sort",
     "POST",
     "/",
     {{"My-Header1", "value1"}},
     "",
     "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
    {"post-header-value-case",
     "POST",
     "/",
     {{"My-Header1", "VALUE1"}},
     "",
     "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
    {"post-sts-header-before",
     "POST",
     "/",
     {},
     "",
     "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
     true,
     true,
     false,
     long_token},
    {"post-vanilla-query",
     "POST",
     "/?Param1=value1",
     {},
     "",
     "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
    {"post-x-www-form-urlencoded",
     "POST",
     "/",
     {{"Content-Type", "application/x-www-form-urlencoded"}, {"Content-Length", "13"}},
     "Param1=value1",
     "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
     true,
     true,
     true},
    {"post-x-www-form-urlencoded-parameters",
     "POST",
     "/",
     {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}, {"Content-Length", "13"}},
     "Param1=value1",
     "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422",
     true,
     true,
     true},
};

} // namespace

BOOST_AUTO_TEST_SUITE(lib_aws_sigv4)

BOOST_AUTO_TEST_CASE(every_vector_of_the_test_suite_gives_its_signature) {
    const auto now = scai::parse_iso8601("2015-08-30T12:36:00Z").value();
    for (const Vector& vector : suite) {
        Request request{.method = vector.method,
                        .url = "https://example.amazonaws.com" + vector.target,
                        .headers = vector.headers,
                        .body = vector.body};
        const Target target{"us-east-1", "service", vector.normalize, vector.encode_again,
                            vector.content_sha256};
        scai::aws::sign(request, suite_credentials(vector.token), target, now);
        BOOST_TEST(signature(request) == vector.signature, vector.name);
    }
}

BOOST_AUTO_TEST_CASE(the_examples_of_s3_give_their_signatures) {
    const auto now = scai::parse_iso8601("2013-05-24T00:00:00Z").value();
    const auto signed_as = [&](Request request) {
        scai::aws::sign(request, s3_credentials(), scai::aws::s3("us-east-1"), now);
        return signature(request);
    };
    const std::string host = "https://examplebucket.s3.amazonaws.com";
    BOOST_TEST(signed_as({.url = host + "/test.txt", .headers = {{"Range", "bytes=0-9"}}, .body = {}}) ==
               "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    BOOST_TEST(signed_as({.method = "PUT",
                          .url = host + "/test%24file.text",
                          .headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                                      {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                          .body = "Welcome to Amazon S3."}) ==
               "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    BOOST_TEST(signed_as({.url = host + "/?lifecycle", .headers = {}, .body = {}}) ==
               "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    BOOST_TEST(signed_as({.url = host + "/?max-keys=2&prefix=J", .headers = {}, .body = {}}) ==
               "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

BOOST_AUTO_TEST_CASE(the_header_names_scope_and_signed_headers) {
    Request request{.method = "POST",
                    .url = "http://127.0.0.1:9000/bucket",
                    .headers = {{"Content-Type", "text/plain"}, {"authorization", "old"}},
                    .body = "x"};
    const auto now = scai::parse_iso8601("2015-08-30T12:36:00.999999Z").value();
    scai::aws::sign(request, suite_credentials("token"), scai::aws::s3("eu-west-1"), now);
    BOOST_TEST(authorization(request).starts_with(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/s3/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature="));
    BOOST_TEST(
        scai::aws::canonical_request(request, scai::aws::s3("eu-west-1")).find("host:127.0.0.1:9000\n") !=
        std::string::npos);
    // Signing again, as a retry with a new time does, replaces what the first time left.
    const std::string first = authorization(request);
    scai::aws::sign(request, suite_credentials("token"), scai::aws::s3("eu-west-1"), now);
    BOOST_TEST(authorization(request) == first);
    BOOST_TEST(request.headers.size() == 5U);
    BOOST_TEST(first.find("old") == std::string::npos);
    BOOST_TEST(first.find("EXAMPLEKEY") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(whatever_is_signed_changes_the_signature) {
    const auto now = scai::parse_iso8601("2015-08-30T12:36:00Z").value();
    const auto signed_as = [&](Request request, const Target& target) {
        scai::aws::sign(request, suite_credentials(), target, now);
        return signature(request);
    };
    const Target target{.region = "us-east-1", .service = "kms"};
    const Request base{
        .method = "POST", .url = "https://h.example/a?b=c", .headers = {{"X-A", "1"}}, .body = "x"};
    const std::string expected = signed_as(base, target);
    std::vector<Request> changed(6, base);
    changed[0].method = "PUT";
    changed[1].url = "https://h.example/b?b=c";
    changed[2].url = "https://h.example/a?b=d";
    changed[3].url = "https://i.example/a?b=c";
    changed[4].headers[0].second = "2";
    changed[5].body = "y";
    for (const Request& request : changed)
        BOOST_TEST(signed_as(request, target) != expected);
    BOOST_TEST(signed_as(base, {.region = "us-east-2", .service = "kms"}) != expected);
    BOOST_TEST(signed_as(base, {.region = "us-east-1", .service = "s3"}) != expected);
    Request same = base;
    same.url = "https://h.example:443/a?b=c";
    BOOST_TEST(signed_as(same, target) == expected);
}

BOOST_AUTO_TEST_SUITE_END()
