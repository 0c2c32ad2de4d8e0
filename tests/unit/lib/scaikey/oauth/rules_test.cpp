// Rules of the embedded provider. SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/oauth/rules.hpp"

#include "lib/crypto/crypto.hpp"

#include <boost/test/unit_test.hpp>

namespace oauth = scaikey::oauth;

BOOST_AUTO_TEST_SUITE(lib_scaikey_oauth_rules)

namespace {

// RFC 7636 appendix B
constexpr auto verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr auto challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

oauth::Client web_client() {
    oauth::Client client;
    client.client_id = "cid1";
    client.type = "WEB";
    client.reach = "GLOBAL";
    client.redirect_uris = {"https://flow.test/cb"};
    client.allowed_scopes = {"openid", "profile", "email", "admin:read", "groups"};
    return client;
}

oauth::Client spa_client() {
    auto client = web_client();
    client.type = "SPA";
    return client;
}

oauth::Params good_query() {
    return {{"response_type", "code"},
            {"client_id", "cid1"},
            {"redirect_uri", "https://flow.test/cb"},
            {"scope", "openid profile unknown"},
            {"state", "s1"},
            {"nonce", "n1"},
            {"code_challenge", challenge},
            {"code_challenge_method", "S256"}};
}

std::string refusal(const oauth::Client& client, oauth::Params query) {
    const auto result = oauth::check_authorize(client, query);
    const auto* error = std::get_if<oauth::AuthorizeError>(&result);
    return error == nullptr ? "" : error->code;
}

oauth::User bo() {
    oauth::User user;
    user.id = "usr_bo1";
    user.tenant_id = "tnt_t1";
    user.partner_id = "prt_p1";
    user.email = "bo@acme.test";
    user.first_name = "Bo";
    user.last_name = "Berg";
    user.active = true;
    return user;
}

oauth::Grant grant(oauth::Scopes scopes) {
    oauth::Grant out;
    out.id = "g1";
    out.client_id = "cid1";
    out.user_id = "usr_bo1";
    out.tenant_id = "tnt_t1";
    out.session_id = "ses1";
    out.scopes = std::move(scopes);
    out.auth_time = 1779263000;
    return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(rfc7636_appendix_b_vector_matches) {
    BOOST_TEST(oauth::challenge_of(verifier) == challenge);
    BOOST_TEST(oauth::pkce_matches(challenge, verifier));
}

BOOST_AUTO_TEST_CASE(wrong_short_or_missing_verifier_is_refused) {
    std::string flipped = verifier;
    flipped[3] = 'X';
    BOOST_TEST(!oauth::pkce_matches(challenge, flipped));
    BOOST_TEST(!oauth::pkce_matches(challenge, ""));
    BOOST_TEST(!oauth::pkce_matches(challenge, std::string(42, 'a')));
    BOOST_TEST(!oauth::pkce_matches(oauth::challenge_of(std::string(129, 'a')), std::string(129, 'a')));
    const std::string with_space = std::string(43, 'a') + " ";
    BOOST_TEST(!oauth::pkce_matches(oauth::challenge_of(with_space), with_space));
}

BOOST_AUTO_TEST_CASE(verifier_without_a_challenge_is_refused) {
    BOOST_TEST(oauth::pkce_matches("", ""));
    BOOST_TEST(!oauth::pkce_matches("", verifier));
}

BOOST_AUTO_TEST_CASE(scopes_are_split_deduplicated_and_checked) {
    BOOST_TEST(*oauth::parse_scope("openid  email openid") == (oauth::Scopes{"openid", "email"}),
               boost::test_tools::per_element());
    BOOST_TEST(oauth::parse_scope("")->empty());
    BOOST_TEST(!oauth::parse_scope("open\"id"));
    BOOST_TEST(!oauth::parse_scope("a\tb"));
    BOOST_TEST(!oauth::parse_scope("caf\xc3\xa9"));
}

BOOST_AUTO_TEST_CASE(granted_scopes_are_the_intersection) {
    BOOST_TEST(oauth::scope_text(oauth::intersect({"b", "x", "a"}, {"a", "b", "c"})) == "b a");
    BOOST_TEST(oauth::intersect({"x"}, {"a"}).empty());
}

BOOST_AUTO_TEST_CASE(people_without_a_role_never_get_admin_scopes) {
    BOOST_TEST(oauth::scope_text(oauth::scopes_for_user({"openid", "admin:write"}, "")) == "openid");
    BOOST_TEST(oauth::scope_text(oauth::scopes_for_user({"openid", "admin:write"}, "tenant_admin")) ==
               "openid admin:write");
}

BOOST_AUTO_TEST_CASE(refresh_tokens_go_to_web_and_native_and_to_offline_access) {
    auto client = web_client();
    BOOST_TEST(oauth::refresh_token_due(client, {"openid"}));
    client.type = "NATIVE";
    BOOST_TEST(oauth::refresh_token_due(client, {"openid"}));
    for (const auto* type : {"SPA", "SERVICE"}) {
        client.type = type;
        BOOST_TEST(!oauth::refresh_token_due(client, {"openid"}));
        BOOST_TEST(oauth::refresh_token_due(client, {"openid", "offline_access"}));
    }
}

BOOST_AUTO_TEST_CASE(platform_serves_global_clients_only) {
    const oauth::Realm platform;
    const oauth::Realm tenant{oauth::Tenant{
        .id = "tnt_t1", .slug = "acme", .name = "Acme", .partner_id = "prt_p1", .active = true}};
    auto client = web_client();
    BOOST_TEST(oauth::client_in_realm(client, platform));
    BOOST_TEST(oauth::client_in_realm(client, tenant));
    client.reach = "TENANT";
    client.tenant_id = "tnt_t1";
    BOOST_TEST(!oauth::client_in_realm(client, platform));
    BOOST_TEST(oauth::client_in_realm(client, tenant));
    client.tenant_id = "tnt_t2";
    BOOST_TEST(!oauth::client_in_realm(client, tenant));
    client.reach = "PARTNER";
    client.partner_id = "prt_p1";
    BOOST_TEST(!oauth::client_in_realm(client, platform));
    BOOST_TEST(oauth::client_in_realm(client, tenant));
    client.partner_id = "";
    BOOST_TEST(!oauth::client_in_realm(client, oauth::Realm{oauth::Tenant{.id = "tnt_t3", .active = true}}));
}

BOOST_AUTO_TEST_CASE(good_authorize_request_is_understood) {
    auto query = good_query();
    query["prompt"] = "login";
    query["max_age"] = "60";
    query["login_hint"] = "bo@acme.test";
    const auto result = oauth::check_authorize(web_client(), query);
    BOOST_REQUIRE(std::holds_alternative<oauth::AuthorizeRequest>(result));
    const auto& request = std::get<oauth::AuthorizeRequest>(result);
    BOOST_TEST(oauth::scope_text(request.scopes) == "openid profile");
    BOOST_TEST(request.state == "s1");
    BOOST_TEST(request.nonce == "n1");
    BOOST_TEST(request.code_challenge == challenge);
    BOOST_TEST(request.prompt_login);
    BOOST_TEST(!request.prompt_none);
    BOOST_TEST(request.max_age.value_or(-1) == 60);
    BOOST_TEST(request.login_hint == "bo@acme.test");
}

BOOST_AUTO_TEST_CASE(bad_authorize_parameters_name_their_error) {
    const std::vector<std::tuple<std::string, std::string, std::string>> table{
        {"response_type", "", "invalid_request"},
        {"response_type", "token", "unsupported_response_type"},
        {"response_type", "code id_token", "unsupported_response_type"},
        {"response_mode", "fragment", "invalid_request"},
        {"code_challenge_method", "plain", "invalid_request"},
        {"code_challenge_method", "", "invalid_request"},
        {"code_challenge", "short", "invalid_request"},
        {"code_challenge", std::string(43, '='), "invalid_request"},
        {"prompt", "none login", "invalid_request"},
        {"prompt", "no\"ne", "invalid_request"},
        {"max_age", "-1", "invalid_request"},
        {"max_age", "soon", "invalid_request"},
        {"scope", "", "invalid_scope"},
        {"scope", "unknown", "invalid_scope"},
        {"scope", "open\"id", "invalid_scope"},
        {"request", "eyJ", "request_not_supported"},
        {"request_uri", "https://x.test/r", "request_uri_not_supported"},
        {"nonce", std::string(1025, 'n'), "invalid_request"},
    };
    BOOST_TEST(refusal(web_client(), good_query()) == "");
    for (const auto& [name, value, expected] : table) {
        auto query = good_query();
        query[name] = value;
        BOOST_TEST_CONTEXT(name << "=" << value) {
            BOOST_TEST(refusal(web_client(), query) == expected);
        }
    }
}

BOOST_AUTO_TEST_CASE(pkce_is_mandatory_for_public_clients_only) {
    auto query = good_query();
    query.erase("code_challenge");
    query.erase("code_challenge_method");
    BOOST_TEST(refusal(web_client(), query) == "");
    BOOST_TEST(refusal(spa_client(), query) == "invalid_request");
    BOOST_TEST(refusal(spa_client(), good_query()) == "");
}

BOOST_AUTO_TEST_CASE(redirects_keep_their_own_query_and_encode_values) {
    BOOST_TEST(
        oauth::with_query("https://a.test/cb", {{"code", "x y"}, {"state", ""}, {"iss", "https://k"}}) ==
        "https://a.test/cb?code=x%20y&iss=https%3A%2F%2Fk");
    BOOST_TEST(oauth::with_query("https://a.test/cb?x=1", {{"code", "c"}}) == "https://a.test/cb?x=1&code=c");
}

BOOST_AUTO_TEST_CASE(form_target_is_an_origin_that_cannot_break_the_header) {
    BOOST_TEST(oauth::form_target("https://flow.test:8443/cb?x=1") == "https://flow.test:8443");
    BOOST_TEST(oauth::form_target("http://127.0.0.1:9000") == "http://127.0.0.1:9000");
    BOOST_TEST(oauth::form_target("com.example.app:/cb") == "com.example.app:");
    BOOST_TEST(oauth::form_target("https://a.test; script-src */x") == "");
    BOOST_TEST(oauth::form_target("nonsense") == "");
}

BOOST_AUTO_TEST_CASE(client_authenticates_by_basic_or_by_form) {
    const auto basic = [](std::string_view pair) { return "Basic " + scai::crypto::base64(pair); };
    const auto by_header = oauth::client_credentials(basic("cid%201:s%3Acret+x"), {});
    BOOST_REQUIRE(by_header);
    BOOST_TEST(by_header->client_id == "cid 1");
    BOOST_TEST(by_header->secret == "s:cret x");
    const auto by_form = oauth::client_credentials("", {{"client_id", "c"}, {"client_secret", "s"}});
    BOOST_REQUIRE(by_form);
    BOOST_TEST(by_form->client_id == "c");
    BOOST_TEST(by_form->secret == "s");

    for (const auto& header : {std::string("Bearer abc"), std::string("Basic !!!"), std::string("Basic"),
                               basic("no-colon"), basic("c%zz:s")}) {
        const auto bad = oauth::client_credentials(header, {});
        BOOST_REQUIRE(!bad);
        BOOST_TEST(bad.error().code == "oauth:invalid_client");
    }
    const auto twice = oauth::client_credentials(basic("c:s"), {{"client_secret", "s"}});
    BOOST_REQUIRE(!twice);
    BOOST_TEST(twice.error().code == "oauth:invalid_request");
    const auto other = oauth::client_credentials(basic("c:s"), {{"client_id", "d"}});
    BOOST_REQUIRE(!other);
    BOOST_TEST(other.error().code == "oauth:invalid_request");
    BOOST_TEST(!oauth::client_credentials("", {{"client_id", std::string("a\0b", 3)}}));
    BOOST_TEST(!oauth::client_credentials("", {{"client_id", "\xff"}}));
}

BOOST_AUTO_TEST_CASE(user_access_token_has_the_contract_claims) {
    auto user = bo();
    const auto plain = oauth::access_claims("https://key.test", web_client(), user,
                                            grant({"openid", "profile"}), std::nullopt, "g1.t1", {100, 3700});
    BOOST_TEST(plain.dump(true) ==
               R"({"aud":"cid1","auth_time":1779263000,"client_id":"cid1","exp":3700,"iat":100,)"
               R"("iss":"https://key.test/tenants/tnt_t1","jti":"g1.t1","partner_id":"prt_p1",)"
               R"("scope":"openid profile","sub":"usr_bo1","tenant_id":"tnt_t1"})");
    user.role = "tenant_admin";
    user.permissions = {"scaicore:view"};
    const auto rich =
        oauth::access_claims("https://key.test", web_client(), user, grant({"openid", "groups"}),
                             std::vector<std::string>{"grp_ops"}, "g1.t1", {100, 3700});
    BOOST_TEST(rich.member("role") == "tenant_admin");
    BOOST_TEST(rich.get("groups").dump() == R"(["grp_ops"])");
    BOOST_TEST(rich.get("permissions").dump() == R"(["scaicore:view"])");
}

BOOST_AUTO_TEST_CASE(too_many_groups_become_an_overage_mark) {
    const std::vector<std::string> many(oauth::max_groups_in_token + 1, "grp_x");
    const auto claims =
        oauth::access_claims("https://k", web_client(), bo(), grant({"groups"}), many, "j", {1, 2});
    BOOST_TEST(!claims.get("groups").present());
    BOOST_TEST(claims.get("groups_overage").boolean().value_or(false));
    BOOST_TEST(oauth::userinfo_claims(bo(), {"groups"}, many).get("groups").size() == many.size());
}

BOOST_AUTO_TEST_CASE(service_tokens_have_the_contract_claims) {
    const auto platform =
        oauth::service_claims("https://key.test", web_client(), {}, {"admin:read"}, "t1", {100, 3700});
    BOOST_TEST(
        platform.dump(true) ==
        R"({"app_scope":"GLOBAL","aud":"cid1","client_id":"cid1","exp":3700,"iat":100,)"
        R"("iss":"https://key.test","jti":"t1","platform_token":true,"scope":"admin:read","sub":"cid1",)"
        R"("token_type":"client_credentials"})");
    auto client = web_client();
    client.reach = "TENANT";
    const oauth::Realm realm{oauth::Tenant{.id = "tnt_t1", .partner_id = "prt_p1", .active = true}};
    const auto tenant = oauth::service_claims("https://key.test", client, realm, {"openid"}, "t1", {1, 2});
    BOOST_TEST(tenant.member("tenant_id") == "tnt_t1");
    BOOST_TEST(tenant.member("partner_id") == "prt_p1");
    BOOST_TEST(!tenant.get("platform_token").present());
}

BOOST_AUTO_TEST_CASE(id_token_names_the_person_by_scope) {
    const auto bare = oauth::id_claims("https://k", web_client(), bo(), grant({"openid"}), std::nullopt, "at",
                                       "n1", {1, 2});
    BOOST_TEST(bare.member("nonce") == "n1");
    BOOST_TEST(bare.member("sid") == "ses1");
    BOOST_TEST(!bare.get("email").present());
    BOOST_TEST(!bare.get("name").present());
    const auto full = oauth::id_claims("https://k", web_client(), bo(), grant({"openid", "profile", "email"}),
                                       std::nullopt, "at", "", {1, 2});
    BOOST_TEST(full.member("email") == "bo@acme.test");
    BOOST_TEST(full.member("name") == "Bo Berg");
    BOOST_TEST(full.member("given_name") == "Bo");
    BOOST_TEST(!full.get("nonce").present());
    // at_hash: left half of SHA-256("at")
    BOOST_TEST(full.member("at_hash") == scai::crypto::base64url(scai::crypto::sha256("at").substr(0, 16)));
}

BOOST_AUTO_TEST_CASE(display_name_falls_back_in_order) {
    auto user = bo();
    user.display_name = "B. Berg";
    BOOST_TEST(user.name() == "B. Berg");
    user.display_name = "";
    user.last_name = "";
    BOOST_TEST(user.name() == "Bo");
    user.first_name = "";
    BOOST_TEST(user.name() == "bo@acme.test");
}

BOOST_AUTO_TEST_CASE(lockout_grows_and_is_capped) {
    BOOST_TEST(oauth::lockout_seconds(1) == 0);
    BOOST_TEST(oauth::lockout_seconds(4) == 0);
    BOOST_TEST(oauth::lockout_seconds(5) == 30);
    BOOST_TEST(oauth::lockout_seconds(6) == 60);
    BOOST_TEST(oauth::lockout_seconds(9) == 480);
    BOOST_TEST(oauth::lockout_seconds(10) == 900);
    BOOST_TEST(oauth::lockout_seconds(1000000) == 900);
}

BOOST_AUTO_TEST_SUITE_END()
