// Transit and AWS against servers that really encrypt. SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/json/value.hpp"
#include "lib/scaivault/app/settings.hpp"
#include "lib/scaivault/seal/kms.hpp"
#include "lib/scaivault/seal/kms_remote.hpp"
#include "tests/support/http_server.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <map>
#include <vector>

namespace {

using scai::SecretText;
using scai::json::Value;
using scai::test::Fault;
using scai::test::HttpReply;
using scai::test::HttpRequest;
using scai::test::HttpServer;
using scaivault::seal::Kms;

const std::string partner_key = "0123456789abcdef0123456789ABCDEF";

std::unique_ptr<Kms> kms_with(std::map<std::string, std::string> values, scai::http::Client& http) {
    const auto settings =
        scai::config::Settings::from_values(scaivault::settings_table, std::move(values)).value();
    return scaivault::seal::make_kms(settings, http, false).value();
}

std::string refusal(std::map<std::string, std::string> values) {
    scai::http::CurlClient http;
    const auto settings =
        scai::config::Settings::from_values(scaivault::settings_table, std::move(values)).value();
    const auto kms = scaivault::seal::make_kms(settings, http, true);
    return kms ? "" : kms.error().message;
}

std::string from_base64(const std::string& text) {
    return scai::crypto::from_base64(text).value_or("");
}

/// The engine as its documentation describes it, with one key that can be rotated.
struct Transit {
    std::vector<std::string> versions{scai::crypto::random_bytes(32)};
    std::string token = "hvs.token";
    HttpServer server{[this](const HttpRequest& request) { return answer(request); }};

    HttpReply answer(const HttpRequest& request) {
        if (request.header("X-Vault-Token") != token)
            return {.status = 403, .body = R"({"errors":["permission denied"]})"};
        if (request.path == "/v1/auth/token/lookup-self")
            return {.body = R"({"data":{"id":"x"}})"};
        const Value body = scai::json::parse(request.body).value();
        const std::string aad = from_base64(body.member("associated_data"));
        if (request.path == "/v1/transit/encrypt/scaivault")
            return {.body = Value::object(
                                {{"data",
                                  Value::object({{"ciphertext",
                                                  "vault:v" + std::to_string(versions.size()) + ":" +
                                                      scai::crypto::base64(scai::crypto::seal(
                                                          versions.back(),
                                                          from_base64(body.member("plaintext")), aad))}})}})
                                .dump()};
        if (request.path != "/v1/transit/decrypt/scaivault")
            return {.status = 404, .body = R"({"errors":[]})"};
        const std::string text = body.member("ciphertext");
        const std::size_t colon = text.find(':', 7);
        const auto version = static_cast<std::size_t>(std::stoi(text.substr(7, colon - 7)));
        const auto plain =
            version <= versions.size()
                ? scai::crypto::open(versions[version - 1], from_base64(text.substr(colon + 1)), aad)
                : std::nullopt;
        if (!plain)
            return {.status = 400, .body = R"({"errors":["cipher: message authentication failed"]})"};
        return {.body = Value::object(
                            {{"data", Value::object({{"plaintext", scai::crypto::base64(plain->reveal())}})}})
                            .dump()};
    }

    std::map<std::string, std::string> settings() const {
        return {{"KMS_PROVIDER", "hashicorp"},
                {"KMS_VAULT_ADDR", server.url() + "/"},
                {"KMS_VAULT_TOKEN", "hvs.token"},
                {"KMS_TRANSIT_KEY", "scaivault"}};
    }
};

struct AwsServer {
    std::string key = scai::crypto::random_bytes(32);
    std::string state = "Enabled";
    HttpServer server{[this](const HttpRequest& request) { return answer(request); }};

    HttpReply answer(const HttpRequest& request) {
        const std::string signature = request.header("Authorization");
        if (!signature.starts_with("AWS4-HMAC-SHA256 Credential=AKID/") ||
            signature.find("/eu-west-1/kms/aws4_request, SignedHeaders=content-type;host;x-amz-date;"
                           "x-amz-security-token;x-amz-target, ") == std::string::npos ||
            request.header("X-Amz-Security-Token") != "session")
            return {.status = 400, .body = R"({"__type":"IncompleteSignatureException"})"};
        const Value body = scai::json::parse(request.body).value();
        const std::string context = body.get("EncryptionContext").member("scaivault");
        const std::string operation = request.header("X-Amz-Target");
        if (body.member("KeyId") != key_id())
            return {.status = 400, .body = R"({"__type":"NotFoundException"})"};
        if (operation == "TrentService.Encrypt")
            return {.body = Value::object({{"CiphertextBlob",
                                            scai::crypto::base64(scai::crypto::seal(
                                                key, from_base64(body.member("Plaintext")), context))},
                                           {"KeyId", key_id()}})
                                .dump()};
        if (operation == "TrentService.DescribeKey")
            return {.body = Value::object({{"KeyMetadata", Value::object({{"KeyState", state}})}}).dump()};
        const auto plain = scai::crypto::open(key, from_base64(body.member("CiphertextBlob")), context);
        if (operation != "TrentService.Decrypt" || !plain)
            return {.status = 400, .body = R"({"__type":"InvalidCiphertextException"})"};
        return {.body =
                    Value::object({{"KeyId", key_id()}, {"Plaintext", scai::crypto::base64(plain->reveal())}})
                        .dump()};
    }

    static std::string key_id() { return "arn:aws:kms:eu-west-1:111122223333:key/1234"; }
    std::map<std::string, std::string> settings() const {
        return {{"KMS_PROVIDER", "aws"},
                {"KMS_KEY_ID", key_id()},
                {"KMS_AWS_ENDPOINT", server.url()},
                {"AWS_ACCESS_KEY_ID", "AKID"},
                {"AWS_SECRET_ACCESS_KEY", "secret"},
                {"AWS_SESSION_TOKEN", "session"}};
    }
};

/// What holds for each provider.
void wraps_and_unwraps(Kms& kms, const std::string& reference) {
    BOOST_TEST(kms.reference().value() == reference);
    BOOST_TEST(kms.rotates_inside());
    BOOST_TEST(static_cast<bool>(kms.check()));
    const std::string context = "scaivault partner key 1\n2:p\"1";
    const std::string wrapped = kms.wrap(reference, SecretText(partner_key), context).value();
    BOOST_TEST(wrapped.find(partner_key) == std::string::npos);
    BOOST_TEST(kms.unwrap(reference, wrapped, context).value().reveal() == partner_key);
    BOOST_TEST(kms.unwrap(reference, wrapped, "another partner").error().code == "unwrap_failed");
    std::string flipped = wrapped;
    flipped[wrapped.size() / 2] = flipped[wrapped.size() / 2] == 'A' ? 'B' : 'A';
    BOOST_TEST(kms.unwrap(reference, flipped, context).error().code == "unwrap_failed");
    BOOST_TEST(kms.unwrap("no-such-key", wrapped, context).error().code == "encryption_unavailable");
    BOOST_TEST(kms.wrap("no-such-key", SecretText(partner_key), context).error().code ==
               "encryption_unavailable");
}

void every_failure_is_an_outage(Kms& kms, const std::string& reference, HttpServer& server) {
    const std::string wrapped = kms.wrap(reference, SecretText(partner_key), "c").value();
    const std::vector<HttpReply> failures = {
        {.status = 500, .body = "upstream says: hunter2"},
        {.status = 503, .body = "sealed hunter2"},
        {.status = 429, .body = "{}"},
        {.status = 403, .body = R"({"errors":["hunter2"]})"},
        {.status = 400, .body = R"({"__type":"AccessDeniedException","message":"hunter2"})"},
        {.status = 200, .body = "not json hunter2"},
        {.status = 200, .body = "{}"},
        {.status = 200,
         .body = R"({"data":{"plaintext":"***","ciphertext":7},"Plaintext":"***","CiphertextBlob":""})"},
        {.status = 302, .body = ""},
        {.fault = Fault::reset},
        {.fault = Fault::hang_up},
        {.body = std::string(100000, 'x')},
    };
    for (const HttpReply& failure : failures) {
        server.handler([&](const HttpRequest&) { return failure; });
        for (const auto& error : {kms.wrap(reference, SecretText(partner_key), "c").error(),
                                  kms.unwrap(reference, wrapped, "c").error()}) {
            BOOST_TEST((error.kind == scai::ErrorKind::unavailable));
            BOOST_TEST(error.code == "encryption_unavailable");
            BOOST_TEST(error.message.find("hunter2") == std::string::npos);
        }
    }
    server.handler([](const HttpRequest&) { return HttpReply{.status = 403, .body = "{}"}; });
    BOOST_TEST(kms.check().error().code == "encryption_unavailable");
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaivault_seal_kms_remote)

BOOST_AUTO_TEST_CASE(transit_wraps_with_the_context_bound) {
    Transit transit;
    scai::http::CurlClient http;
    const auto kms = kms_with(transit.settings(), http);
    BOOST_TEST(kms->provider() == "hashicorp");
    wraps_and_unwraps(*kms, "scaivault");
}

BOOST_AUTO_TEST_CASE(transit_opens_what_an_older_version_of_its_key_wrapped) {
    Transit transit;
    scai::http::CurlClient http;
    const auto kms = kms_with(transit.settings(), http);
    const std::string wrapped = kms->wrap("scaivault", SecretText(partner_key), "c").value();
    transit.versions.push_back(scai::crypto::random_bytes(32));
    BOOST_TEST(kms->unwrap("scaivault", wrapped, "c").value().reveal() == partner_key);
    BOOST_TEST(kms->wrap("scaivault", SecretText(partner_key), "c").value().starts_with("vault:v2:"));
}

BOOST_AUTO_TEST_CASE(transit_failures_are_outages_without_its_text) {
    Transit transit;
    scai::http::CurlClient http;
    const auto kms = kms_with(transit.settings(), http);
    every_failure_is_an_outage(*kms, "scaivault", transit.server);
}

BOOST_AUTO_TEST_CASE(a_ciphertext_that_is_none_of_transits_is_not_sent_there) {
    Transit transit;
    scai::http::CurlClient http;
    const auto kms = kms_with(transit.settings(), http);
    for (const char* text : {"", "x", "vault:v1:\",\"plaintext\":\"", "vault:v1:\\u0000"})
        BOOST_TEST(kms->unwrap("scaivault", text, "c").error().code == "unwrap_failed");
    BOOST_TEST(transit.server.count() == 0U);
}

BOOST_AUTO_TEST_CASE(aws_wraps_with_the_encryption_context_and_signed_requests) {
    AwsServer aws;
    scai::http::CurlClient http;
    const auto kms = kms_with(aws.settings(), http);
    BOOST_TEST(kms->provider() == "aws");
    wraps_and_unwraps(*kms, AwsServer::key_id());
    aws.state = "PendingDeletion";
    BOOST_TEST(kms->check().error().code == "encryption_unavailable");
}

BOOST_AUTO_TEST_CASE(aws_failures_are_outages_without_its_text) {
    AwsServer aws;
    scai::http::CurlClient http;
    const auto kms = kms_with(aws.settings(), http);
    every_failure_is_an_outage(*kms, AwsServer::key_id(), aws.server);
}

BOOST_AUTO_TEST_CASE(nobody_there_is_an_outage) {
    std::string url;
    {
        const HttpServer gone([](const HttpRequest&) { return HttpReply{}; });
        url = gone.url();
    }
    scai::http::CurlClient http;
    const auto kms = kms_with({{"KMS_PROVIDER", "hashicorp"},
                               {"KMS_VAULT_ADDR", url},
                               {"KMS_VAULT_TOKEN", "t"},
                               {"KMS_TRANSIT_KEY", "k"}},
                              http);
    BOOST_TEST(kms->check().error().code == "encryption_unavailable");
    BOOST_TEST(kms->wrap("k", SecretText("x"), "").error().code == "encryption_unavailable");
}

BOOST_AUTO_TEST_CASE(a_setting_that_is_missing_is_named) {
    BOOST_TEST(refusal({}).starts_with("KMS_PROVIDER: "));
    BOOST_TEST(refusal({{"KMS_PROVIDER", "other"}}) ==
               "KMS_PROVIDER: expected aws, hashicorp, local or pkcs11");
    for (const char* provider : {"gcp", "azure"})
        BOOST_TEST(refusal({{"KMS_PROVIDER", provider}}).find("is not built into this program") !=
                   std::string::npos);
    BOOST_TEST(refusal({{"KMS_PROVIDER", "local"}}).starts_with("KMS_LOCAL_KEY_FILE: "));
    std::map<std::string, std::string> transit = {{"KMS_PROVIDER", "hashicorp"},
                                                  {"KMS_VAULT_ADDR", "http://127.0.0.1:1"},
                                                  {"KMS_VAULT_TOKEN", "t"},
                                                  {"KMS_TRANSIT_KEY", "k"}};
    for (const char* name : {"KMS_VAULT_ADDR", "KMS_VAULT_TOKEN", "KMS_TRANSIT_KEY"}) {
        auto without = transit;
        without.erase(name);
        BOOST_TEST(refusal(without).starts_with(std::string(name) + ": missing"));
    }
    std::map<std::string, std::string> aws = {{"KMS_PROVIDER", "aws"},
                                              {"KMS_KEY_ID", "arn:aws:kms:eu-west-1:1:key/2"},
                                              {"AWS_ACCESS_KEY_ID", "a"},
                                              {"AWS_SECRET_ACCESS_KEY", "s"}};
    BOOST_TEST(refusal(aws).empty());
    for (const char* name : {"KMS_KEY_ID", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}) {
        auto without = aws;
        without.erase(name);
        BOOST_TEST(refusal(without).starts_with(std::string(name) + ": missing"));
    }
    aws["KMS_KEY_ID"] = "alias/scaivault";
    BOOST_TEST(refusal(aws).starts_with("KMS_AWS_REGION: missing"));
    BOOST_TEST(refusal({{"KMS_PROVIDER", "pkcs11"}}).starts_with("KMS_PKCS11_MODULE: missing"));
}

BOOST_AUTO_TEST_SUITE_END()
