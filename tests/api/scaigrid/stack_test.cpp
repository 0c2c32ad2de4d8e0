// The embedded ScaiGrid as it runs: nginx, the real handler, tokens of the embedded ScaiKey, the key `make
// up` leaves. SPDX-License-Identifier: Apache-2.0
#include "tests/support/process.hpp"
#include "tests/support/stack.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>

using scai::json::Value;

namespace {

const std::string cores = "/v1/modules/scaicore/cores";

struct Answer {
    int status;
    Value json;
    test::Stack::Response raw;
    std::string code() const { return json.get("error").member("code"); }
};

Answer call(const std::string& bearer, const std::string& method, const std::string& path,
            const std::string& body = "", const std::string& type = "application/json") {
    test::Stack::Headers headers;
    if (!bearer.empty())
        headers.push_back(test::bearer(bearer));
    if (!body.empty())
        headers.emplace_back("Content-Type", type);
    auto raw = test::stack().send(method, test::stack().grid_url() + path, body, std::move(headers));
    auto json = scai::json::parse(raw.body);
    return {raw.status, json ? *json : Value(), std::move(raw)};
}

std::string demo_key() {
    std::ifstream file(test::stack().folder() + "/var/scaigrid-demo.key");
    std::string key;
    std::getline(file, key);
    return key;
}

std::string program() {
    const char* folder = std::getenv("SCAI_BIN");
    return std::string(folder != nullptr && *folder != '\0' ? folder : "build/bin") + "/scaigrid";
}

} // namespace

BOOST_AUTO_TEST_SUITE(api_scaigrid_stack)

BOOST_AUTO_TEST_CASE(it_is_ready_and_describes_itself) {
    BOOST_TEST(call("", "GET", "/health").status == 200);
    const auto ready = call("", "GET", "/v1/health/ready");
    BOOST_TEST(ready.status == 200, ready.raw.body);
    BOOST_TEST(ready.json.get("data").member("status") == "ready");
    const auto description = call("", "GET", "/api/openapi.yaml");
    BOOST_TEST(description.status == 200);
    BOOST_TEST(description.raw.body.find("/v1/modules/scaicore/cores:") != std::string::npos);
    BOOST_TEST(call("", "GET", "/v1/test/faults").status == 404); // tests set it for themselves
}

BOOST_AUTO_TEST_CASE(a_token_of_scaiflow_is_taken_as_it_is) {
    const auto token = test::stack().sign_in("admin@acme.test", "demo-admin-1").access_token;
    const auto me = call(token, "GET", "/v1/me");
    BOOST_TEST_REQUIRE(me.status == 200, me.raw.body);
    BOOST_TEST(me.json.get("data").member("tenant_id") == "tnt_demoacme");
    BOOST_TEST(me.raw.header("X-Scaigrid-Ratelimit-Remaining") != "");
    BOOST_TEST(me.json.get("meta").member("request_id") == me.raw.header("X-Request-ID"));
    BOOST_TEST(call("", "GET", "/v1/me").code() == "AUTH_TOKEN_MISSING");
    BOOST_TEST(call(token + "x", "GET", "/v1/me").code() == "AUTH_TOKEN_INVALID");
    // A token for somebody else.
    const auto vault = test::stack().vault_token("admin@acme.test", "demo-admin-1", "openid secrets:read");
    BOOST_TEST(call(vault, "GET", "/v1/me").status == 401);
}

BOOST_AUTO_TEST_CASE(the_key_of_the_demo_tenant_makes_cores_until_it_is_revoked) {
    const auto key = demo_key();
    BOOST_TEST_REQUIRE(key.starts_with("sgk_"));
    const std::string manifest =
        "core:\n  name: stack-test\n  mode: stateless\n  flows:\n    - name: stack-test\n"
        "      trigger: {type: api}\n      steps:\n        - rigid: {template: hello}\n";
    const auto made = call(key, "POST", cores, manifest, "application/yaml");
    BOOST_TEST_REQUIRE(made.status == 201, made.raw.body);
    const auto id = made.json.get("data").member("id");
    BOOST_TEST(call(key, "POST", cores, manifest, "application/yaml").code() == "SLUG_CONFLICT");
    BOOST_TEST(call(key, "POST", cores + "/" + id + "/publish").status == 200);
    BOOST_TEST(call(key, "GET", "/v1/models/scaicore%2Ftnt_demoacme%2Fstack-test").status == 200);
    BOOST_TEST(call(key, "DELETE", cores + "/" + id).status == 204);

    const auto own = call(key, "POST", "/v1/api-keys", R"({"name":"short"})");
    BOOST_TEST_REQUIRE(own.status == 201, own.raw.body);
    const auto second = own.json.get("data").member("key");
    BOOST_TEST(call(second, "GET", cores).status == 200);
    BOOST_TEST(call(key, "DELETE", "/v1/api-keys/" + own.json.get("data").member("id")).status == 204);
    BOOST_TEST(call(second, "GET", cores).code() == "AUTH_TOKEN_INVALID");
}

BOOST_AUTO_TEST_CASE(what_nginx_refuses_has_the_envelope_of_the_grid) {
    const auto big = call(demo_key(), "POST", cores, std::string(13U << 20U, 'x'));
    BOOST_TEST(big.status == 413);
    BOOST_TEST(big.json.member("status") == "error");
    BOOST_TEST(!big.json.get("meta").member("request_id").empty());
}

BOOST_AUTO_TEST_CASE(a_public_address_is_refused_unless_it_is_meant) {
    auto environment = test::clean_environment();
    environment["DATABASE_URL"] = "postgresql:///nowhere?host=/nonexistent";
    environment["SCAIKEY_BASE_URL"] = "http://127.0.0.1:1";
    environment["SCAIGRID_PUBLIC_URL"] = "http://grid.example";
    const auto refused = test::run({program(), "--socket", "/nonexistent/s"}, environment);
    BOOST_TEST(refused.status == 78);
    BOOST_TEST(refused.err.find("SCAIGRID_ALLOW_PUBLIC") != std::string::npos, refused.all());
    environment["SCAIGRID_PUBLIC_URL"] = "http://127.0.0.1:8083";
    environment["SCAIGRID_DEFAULT_PERMISSIONS"] = "scaicore:everything";
    const auto unknown = test::run({program(), "--socket", "/nonexistent/s"}, environment);
    BOOST_TEST(unknown.status == 78);
    BOOST_TEST(unknown.err.find("scaicore:everything") != std::string::npos, unknown.all());
    BOOST_TEST(test::run({program(), "--help"}, environment).out.find("SCAIGRID_AUDIENCE") !=
               std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
