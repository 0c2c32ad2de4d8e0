// ScaiVault as it runs: nginx, the real handlers, Redis, the embedded ScaiKey. SPDX-License-Identifier:
// Apache-2.0
#include "tests/support/stack.hpp"

#include <boost/test/unit_test.hpp>

using scai::json::Value;

namespace {

const std::string every_scope = "openid profile email secrets:read secrets:write secrets:delete secrets:list "
                                "policies:read policies:write audit:read admin";

struct Answer {
    int status;
    Value json;
    test::Stack::Response raw;
};

Answer call(const std::string& token, const std::string& method, const std::string& path,
            const std::string& body = "", test::Stack::Headers headers = {}) {
    if (!token.empty())
        headers.push_back(test::bearer(token));
    if (!body.empty())
        headers.emplace_back("Content-Type", "application/json");
    auto raw = test::stack().send(method, test::stack().vault_url() + path, body, std::move(headers));
    auto json = scai::json::parse(raw.body);
    return {raw.status, json ? *json : Value(), std::move(raw)};
}

/// What a first synchronisation brings, for a stack that has had none yet.
void know_the_demo_tenants() {
    test::stack().sql(
        "INSERT INTO scaivault.tenants (id, partner_id) VALUES ('tnt_demoacme', 'prt_demonorth'), "
        "('tnt_demoglobex', 'prt_demonorth') ON CONFLICT DO NOTHING");
    test::stack().sql(
        "INSERT INTO scaivault.users (tenant_id, id, email) VALUES ('tnt_demoacme', 'usr_demoadmin', "
        "'admin@acme.test') ON CONFLICT DO NOTHING");
}

const std::string& admin() {
    static const auto token = test::stack().vault_token("admin@acme.test", "demo-admin-1", every_scope);
    return token;
}

} // namespace

BOOST_AUTO_TEST_SUITE(api_scaivault_stack)

BOOST_AUTO_TEST_CASE(it_is_ready_and_says_which_version_it_is) {
    const auto ready = call("", "GET", "/v1/health/ready");
    BOOST_TEST(ready.status == 200, ready.raw.body);
    BOOST_TEST(ready.json.member("status") == "ready");
    BOOST_TEST(call("", "GET", "/v1/health").json.member("status") == "healthy");
    BOOST_TEST(call("", "GET", "/v1/version").json.member("api_version") == "v1");
    BOOST_TEST(call("", "GET", "/v1/metrics").raw.body.find("scaivault_requests_total") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(nobody_gets_in_without_a_token_of_scaikey) {
    const auto none = call("", "GET", "/v1/auth/whoami");
    BOOST_TEST(none.status == 401);
    BOOST_TEST(none.json.get("error").member("code") == "authentication_required");
    BOOST_TEST(none.json.get("error").member("request_id") == none.raw.header("X-Request-ID"));
    BOOST_TEST(call("nonsense", "GET", "/v1/auth/whoami").json.get("error").member("code") ==
               "token_invalid");
    // A token of the right issuer for somebody else.
    BOOST_TEST(call(test::stack().admin_token(), "GET", "/v1/auth/whoami").status == 401);
}

BOOST_AUTO_TEST_CASE(what_nginx_answers_itself_has_the_envelope_too) {
    know_the_demo_tenants();
    const auto missing = call("", "GET", "/v2/nothing");
    BOOST_TEST(missing.status == 404);
    BOOST_TEST(missing.json.get("error").member("code") == "not_found");
    BOOST_TEST(missing.json.get("error").member("request_id") == missing.raw.header("X-Request-ID"));
    const auto large = call(admin(), "POST", "/v1/auth/introspect", std::string(3 << 20, 'x'));
    BOOST_TEST(large.status == 413);
    BOOST_TEST(large.json.get("error").member("code") == "payload_too_large");
    BOOST_TEST(call("", "GET", "/api/openapi.yaml").raw.body.find("title: ScaiVault API") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_demo_administrator_becomes_super_admin) {
    know_the_demo_tenants();
    const auto me = call(admin(), "GET", "/v1/auth/whoami");
    BOOST_TEST(me.status == 200, me.raw.body);
    BOOST_TEST(me.json.member("identity_id") == "user:admin@acme.test");
    BOOST_TEST(me.json.member("tenant_id") == "tnt_demoacme");
    BOOST_TEST(me.json.get("roles").dump() == R"(["super_admin"])");
    BOOST_TEST(call(admin(), "GET", "/v1/t/tnt_demoglobex/auth/whoami").json.member("tenant_id") ==
               "tnt_demoglobex");
    const auto plain = test::stack().vault_token("dag@acme.test", "demo-user-1", "openid " + every_scope);
    BOOST_TEST(call(plain, "GET", "/v1/t/tnt_demoglobex/auth/whoami").json.get("error").member("code") ==
               "tenant_access_denied");
    BOOST_TEST(call(admin(), "GET", "/v1/health/detailed").json.member("status") == "healthy");
    BOOST_TEST(call(plain, "GET", "/v1/health/detailed").status == 403);
    const auto shown = test::stack().program("scaivault", {"bootstrap", "--json"});
    BOOST_TEST(shown.status == 0, shown.all());
    BOOST_TEST(shown.out.find(R"("state":"granted")") != std::string::npos, shown.out);
}

BOOST_AUTO_TEST_CASE(a_service_account_has_its_scopes) {
    const auto me = call(test::stack().vault_service_token(), "GET", "/v1/auth/whoami");
    BOOST_TEST(me.status == 200, me.raw.body);
    BOOST_TEST(me.json.member("identity_id") == "sa:scaivault-demo");
    BOOST_TEST(me.json.member("tenant_id") == "tnt_demoacme");
    BOOST_TEST(me.json.get("scopes").size() == 4U);
    BOOST_TEST(!me.raw.header("X-RateLimit-Remaining").empty());
}

BOOST_AUTO_TEST_CASE(escaped_slashes_arrive_and_dot_segments_do_not) {
    const auto escaped = call("", "GET", "/v1%2Fauth%2Fwhoami");
    BOOST_TEST(escaped.status == 401, escaped.raw.body);
    const auto dots = call(admin(), "GET", "/v1/auth/%2e%2e/auth/whoami");
    BOOST_TEST(dots.status == 400, dots.raw.body);
}

BOOST_AUTO_TEST_SUITE_END()
