// UserInfo, introspection, revocation, end session, and the gate. SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/oauth/store.hpp"
#include "tests/db/lib/scaikey/oauth/fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace scaikey_test;

BOOST_AUTO_TEST_SUITE(lib_scaikey_oauth_verdict)

namespace {

constexpr auto userinfo_path = "/v1/platform/oauth/userinfo";

Response userinfo(const Provider& provider, const std::string& token,
                  const std::string& path = userinfo_path) {
    return provider.process.get(path, {{"authorization", "Bearer " + token}});
}

scai::json::Value introspect(const Provider& provider, const std::string& token,
                             const std::string& client = "web", const std::string& slug = "") {
    const auto path =
        (slug.empty() ? std::string("/v1/platform") : "/v1/auth/tenants/" + slug) + "/oauth/introspect";
    return json_of(provider.process.post(path, {{"token", token}}, {{"authorization", basic(client)}}));
}

bool active(const scai::json::Value& verdict) {
    return verdict.get("active").boolean().value_or(false);
}

Response revoke(const Provider& provider, const std::string& token, const std::string& client = "web") {
    return provider.process.post("/v1/platform/oauth/revoke", {{"token", token}},
                                 {{"authorization", basic(client)}});
}

std::string tampered(std::string token) {
    const auto dot = token.rfind('.');
    token[dot + 10] = token[dot + 10] == 'A' ? 'B' : 'A';
    return token;
}

/// A client that is GLOBAL and confidential, but another one.
void add_second_client(const Provider& provider, const std::string& reach, const std::string& tenant) {
    provider.db.sql(
        "INSERT INTO scaikey.applications (id, client_id, name, application_type, scope, tenant_id, "
        "client_secret_hash) VALUES ('app_second', 'second', 'Second', 'WEB', '" +
        reach + "', " + tenant + ", encode(sha256('second-secret'), 'hex'))");
}

} // namespace

BOOST_AUTO_TEST_CASE(userinfo_tells_what_the_scopes_allow) {
    const Provider provider;
    const auto full =
        tokens_for(provider, "web", {{"scope", "openid profile email groups"}}).member("access_token");
    BOOST_TEST(json_of(userinfo(provider, full)).dump(true) ==
               R"({"email":"bo@acme.test","email_verified":true,"family_name":"Berg","given_name":"Bo",)"
               R"("groups":["grp_all","grp_dev"],"name":"Bo Berg","preferred_username":"bo@acme.test",)"
               R"("sub":"usr_bo","tenant_id":"tnt_acme"})");
    const auto bare = tokens_for(provider, "web", {{"scope", "openid"}}).member("access_token");
    BOOST_TEST(json_of(userinfo(provider, bare)).dump(true) == R"({"sub":"usr_bo","tenant_id":"tnt_acme"})");
    const auto tenant = "/v1/auth/tenants/acme/oauth/userinfo";
    BOOST_TEST(userinfo(provider, bare, tenant).status == 200);
    BOOST_TEST(userinfo(provider, bare, "/v1/auth/tenants/bolt/oauth/userinfo").status == 403);
    BOOST_TEST(provider.process.post(userinfo_path, {}, {{"authorization", "Bearer " + bare}}).status == 200);
    const auto without = tokens_for(provider, "web", {{"scope", "email"}}).member("access_token");
    BOOST_TEST(userinfo(provider, without).status == 403);
    const auto cors = provider.process.get(
        userinfo_path, {{"authorization", "Bearer " + bare}, {"origin", "https://flow.test"}});
    BOOST_TEST(header(cors, "Access-Control-Allow-Origin") == "https://flow.test");
    const auto preflight = provider.process.send("OPTIONS", userinfo_path);
    BOOST_TEST(preflight.status == 204);
    BOOST_TEST(header(preflight, "Access-Control-Allow-Headers") == "Authorization");
}

BOOST_AUTO_TEST_CASE(gate_says_what_is_wrong_with_a_token) {
    Provider provider;
    const auto tokens = tokens_for(provider, "web");
    const auto good = tokens.member("access_token");
    const auto detail = [&](const std::string& authorization) {
        const auto response = authorization.empty()
                                  ? provider.process.get(userinfo_path)
                                  : provider.process.get(userinfo_path, {{"authorization", authorization}});
        return std::to_string(response.status) + " " + json_of(response).member("detail");
    };
    BOOST_TEST(detail("") == "401 Not authenticated");
    BOOST_TEST(detail("Basic abc") == "401 Authorization must be a Bearer token");
    BOOST_TEST(detail("Bearer nonsense").starts_with("401 invalid token: "));
    BOOST_TEST(detail("Bearer " + tampered(good)) == "401 invalid token: Signature verification failed");
    BOOST_TEST(detail("Bearer " + tokens.member("id_token")) == "401 invalid token: not an access token");
    // signed by a key we never had
    const auto foreign =
        scai::jose::sign(claims_of(good), scai::jose::generate_key(scai::jose::Algorithm::es256));
    BOOST_TEST(detail("Bearer " + foreign) == "401 invalid token: Signature verification failed");
    provider.pass(3600);
    BOOST_TEST(detail("Bearer " + good) == "401 invalid token: Signature has expired");

    const auto fresh = tokens_for(provider, "web").member("access_token");
    provider.db.sql("UPDATE scaikey.users SET status = 'SUSPENDED' WHERE id = 'usr_bo'");
    BOOST_TEST(detail("Bearer " + fresh) == "401 invalid token: user is suspended or deleted");
    provider.db.sql("UPDATE scaikey.users SET status = 'ACTIVE' WHERE id = 'usr_bo'");
    provider.db.sql("UPDATE scaikey.applications SET deleted_at = now() WHERE id = 'app_web'");
    BOOST_TEST(detail("Bearer " + fresh) == "401 invalid token: application was deleted");
}

BOOST_AUTO_TEST_CASE(token_of_another_installation_is_refused) {
    const Provider provider;
    const auto good = tokens_for(provider, "web").member("access_token");
    const Process moved(provider.db.url, provider.now, {{"SCAIKEY_ISSUER", "http://elsewhere.localhost"}});
    const auto response = moved.get(userinfo_path, {{"authorization", "Bearer " + good}});
    BOOST_TEST(json_of(response).member("detail") == "invalid token: Invalid issuer");
}

BOOST_AUTO_TEST_CASE(principal_carries_scope_role_and_claims) {
    const Provider provider;
    auto gate = scaikey::make_gate(const_cast<scaikey::Context&>(provider.process.context));
    const auto ask = [&](const std::string& token) {
        scai::web::Request request;
        request.headers["authorization"] = "bearer " + token;
        return gate(request, scai::web::Access::authenticated());
    };
    const auto code =
        code_for(provider, "web", {{"scope", "openid admin:read groups"}}, "", "admin@acme.test");
    const auto token = json_of(exchange(provider.process, "web", code)).member("access_token");
    const auto admin = ask(token);
    BOOST_REQUIRE(admin);
    BOOST_TEST(admin->subject == "usr_admin");
    BOOST_TEST(admin->tenant_id == "tnt_acme");
    BOOST_TEST(admin->client_id == "web");
    BOOST_TEST(admin->admin_role == "tenant_admin");
    BOOST_TEST(admin->permissions.contains("admin:read"));
    BOOST_TEST(admin->groups == std::vector<std::string>{"grp_other"}, boost::test_tools::per_element());
    BOOST_TEST(!admin->service);
    BOOST_TEST(admin->claims.member("partner_id") == "prt_north");
    // a demotion counts at once, whatever the token says
    provider.db.sql("UPDATE scaikey.users SET admin_role = NULL WHERE id = 'usr_admin'");
    BOOST_TEST(ask(token)->admin_role == "");

    const auto service = json_of(provider.process.post(token_path(), {{"grant_type", "client_credentials"}},
                                                       {{"authorization", basic("web")}}));
    const auto machine = ask(service.member("access_token"));
    BOOST_REQUIRE(machine);
    BOOST_TEST(machine->service);
    BOOST_TEST(machine->admin_role == "");
    BOOST_TEST(machine->permissions.contains("admin:write"));
}

BOOST_AUTO_TEST_CASE(introspection_knows_both_kinds_of_tokens) {
    Provider provider;
    const auto tokens = tokens_for(provider, "web");
    const auto access = introspect(provider, tokens.member("access_token"));
    BOOST_TEST(active(access));
    BOOST_TEST(access.member("sub") == "usr_bo");
    BOOST_TEST(access.member("client_id") == "web");
    BOOST_TEST(access.member("token_type") == "Bearer");
    BOOST_TEST(access.member("scope") == "openid profile email");
    const auto refresh_token = introspect(provider, tokens.member("refresh_token"));
    BOOST_TEST(active(refresh_token));
    BOOST_TEST(refresh_token.member("token_type") == "refresh_token");
    BOOST_TEST(active(introspect(provider, tokens.member("access_token"), "web", "acme")));

    for (const auto& bad : {std::string("x"), std::string("a.b.c"), tampered(tokens.member("access_token")),
                            tokens.member("id_token")})
        BOOST_TEST(introspect(provider, bad).dump() == R"({"active":false})");
    BOOST_TEST(!active(introspect(provider, tokens.member("access_token"), "web", "bolt")));
    BOOST_TEST(!active(introspect(provider, tokens.member("refresh_token"), "web", "bolt")));

    refresh(provider.process, "web", tokens.member("refresh_token"));
    BOOST_TEST(!active(introspect(provider, tokens.member("refresh_token"))));
    provider.pass(3600);
    BOOST_TEST(!active(introspect(provider, tokens.member("access_token"))));
}

BOOST_AUTO_TEST_CASE(introspection_answers_only_who_may_know) {
    const Provider provider;
    const auto tokens = tokens_for(provider, "web");
    const auto code = code_for(provider, "acme", {}, "acme");
    const auto of_acme = json_of(exchange(provider.process, "acme", code, {}, "acme")).member("access_token");
    // a tenant's client: its own tenant's tokens only
    BOOST_TEST(active(introspect(provider, of_acme, "acme", "acme")));
    BOOST_TEST(active(introspect(provider, tokens.member("access_token"), "acme", "acme")));
    BOOST_TEST(!active(introspect(provider, tokens.member("access_token"), "bolt", "bolt")));
    // a partner's client: its own tokens
    BOOST_TEST(!active(introspect(provider, of_acme, "north", "acme")));
    const auto ask = [&](const Fields& form, const Fields& headers) {
        return provider.process.post("/v1/platform/oauth/introspect", form, headers);
    };
    BOOST_TEST(ask({{"token", of_acme}}, {}).status == 401);
    BOOST_TEST(ask({{"token", of_acme}, {"client_id", "spa"}}, {}).status == 400);
    BOOST_TEST(json_of(ask({}, {{"authorization", basic("web")}})).member("error") == "invalid_request");
}

BOOST_AUTO_TEST_CASE(revoked_access_token_is_dead_and_its_siblings_live) {
    const Provider provider;
    const auto tokens = tokens_for(provider, "web");
    const auto next = json_of(refresh(provider.process, "web", tokens.member("refresh_token")));
    const auto response = revoke(provider, tokens.member("access_token"));
    BOOST_TEST(response.status == 200);
    BOOST_TEST(response.body == "");
    BOOST_TEST(json_of(userinfo(provider, tokens.member("access_token"))).member("detail") ==
               "invalid token: token was revoked");
    BOOST_TEST(userinfo(provider, next.member("access_token")).status == 200);
    BOOST_TEST(revoke(provider, tokens.member("access_token")).status == 200); // again: fine
}

BOOST_AUTO_TEST_CASE(revoked_refresh_token_takes_the_family_with_it) {
    const Provider provider;
    const auto tokens = tokens_for(provider, "web");
    BOOST_TEST(revoke(provider, tokens.member("refresh_token")).status == 200);
    BOOST_TEST(userinfo(provider, tokens.member("access_token")).status == 401);
    BOOST_TEST(refresh(provider.process, "web", tokens.member("refresh_token")).status == 400);
}

BOOST_AUTO_TEST_CASE(revocation_is_for_the_owner_and_silent_about_unknown_tokens) {
    const Provider provider;
    add_second_client(provider, "GLOBAL", "NULL");
    const auto tokens = tokens_for(provider, "web");
    for (const auto* name : {"access_token", "refresh_token"}) {
        const auto response = revoke(provider, tokens.member(name), "second");
        BOOST_TEST(response.status == 400);
        BOOST_TEST(json_of(response).member("error") == "invalid_grant");
    }
    BOOST_TEST(userinfo(provider, tokens.member("access_token")).status == 200);
    BOOST_TEST(revoke(provider, "unknown").status == 200);
    BOOST_TEST(revoke(provider, "a.b.c").status == 200);
    BOOST_TEST(provider.process.post("/v1/platform/oauth/revoke", {{"token", "x"}}).status == 401);
    BOOST_TEST(
        provider.process.post("/v1/platform/oauth/revoke", {}, {{"authorization", basic("web")}}).status ==
        400);
    // public clients revoke their own
    const auto spa = tokens_for(provider, "spa").member("access_token");
    BOOST_TEST(
        provider.process.post("/v1/platform/oauth/revoke", {{"token", spa}, {"client_id", "spa"}}).status ==
        200);
    BOOST_TEST(userinfo(provider, spa).status == 401);
}

BOOST_AUTO_TEST_CASE(logout_with_the_person_s_id_token_goes_straight_back) {
    const Provider provider;
    Browser browser(provider.process);
    const auto code = parameters(header(browser.sign_in(authorize_url("web")), "Location"))["code"];
    const auto tokens = json_of(exchange(provider.process, "web", code));
    const auto& gone = browser.open("/v1/platform/oauth/logout?" +
                                    query_of({{"id_token_hint", tokens.member("id_token")},
                                              {"post_logout_redirect_uri", "https://flow.test/bye"},
                                              {"state", "s9"}}));
    BOOST_TEST(gone.status == 303);
    BOOST_TEST(header(gone, "Location") == "https://flow.test/bye?state=s9");
    BOOST_TEST(!browser.cookies.contains("scaikey_session"));
    BOOST_TEST(browser.open(authorize_url("web")).status == 200);
    // what the session gave is gone as well
    BOOST_TEST(userinfo(provider, tokens.member("access_token")).status == 401);
    BOOST_TEST(refresh(provider.process, "web", tokens.member("refresh_token")).status == 400);
}

BOOST_AUTO_TEST_CASE(offline_access_outlives_the_session) {
    const Provider provider;
    Browser browser(provider.process);
    const auto url = authorize_url("web", {{"scope", "openid offline_access"}});
    const auto code = parameters(header(browser.sign_in(url), "Location"))["code"];
    const auto tokens = json_of(exchange(provider.process, "web", code));
    browser.open("/v1/platform/oauth/logout?" + query_of({{"id_token_hint", tokens.member("id_token")}}));
    BOOST_TEST(refresh(provider.process, "web", tokens.member("refresh_token")).status == 200);
}

BOOST_AUTO_TEST_CASE(logout_without_proof_asks_first) {
    const Provider provider;
    Browser browser(provider.process);
    browser.sign_in(authorize_url("web"));
    const auto url = "/v1/platform/oauth/logout?" +
                     query_of({{"client_id", "web"}, {"post_logout_redirect_uri", "https://flow.test/bye"}});
    const auto& page = browser.open(url);
    BOOST_TEST(page.status == 200);
    BOOST_TEST(has(page.body, "bo@acme.test"));
    BOOST_TEST(browser.open(authorize_url("web")).status == 302); // still signed in
    // a link cannot confirm, a form of another browser neither
    browser.open(url);
    const auto csrf = hidden_field(browser.last.body, "csrf");
    BOOST_TEST(browser.open(url + "&csrf=" + csrf).status == 200);
    BOOST_TEST(browser.open(authorize_url("web")).status == 302);
    browser.open(url);
    const auto& done = browser.submit({});
    BOOST_TEST(done.status == 303);
    BOOST_TEST(header(done, "Location") == "https://flow.test/bye");
    BOOST_TEST(browser.open(authorize_url("web")).status == 200);
    // nobody signed in: nothing to ask
    BOOST_TEST(has(browser.open("/v1/platform/oauth/logout").body, "You are signed out"));
}

BOOST_AUTO_TEST_CASE(logout_never_redirects_to_an_unregistered_address) {
    const Provider provider;
    Browser browser(provider.process);
    const auto code = parameters(header(browser.sign_in(authorize_url("web")), "Location"))["code"];
    const auto hint = json_of(exchange(provider.process, "web", code)).member("id_token");
    for (const auto& fields : std::vector<Fields>{
             {{"id_token_hint", hint}, {"post_logout_redirect_uri", "https://evil.test/"}},
             {{"id_token_hint", hint}, {"post_logout_redirect_uri", "https://flow.test/bye/"}},
             {{"post_logout_redirect_uri", "https://flow.test/bye"}},
             {{"client_id", "nobody"}, {"post_logout_redirect_uri", "https://flow.test/bye"}},
             {{"client_id", "spa"},
              {"id_token_hint", hint},
              {"post_logout_redirect_uri", "https://flow.test/bye"}}}) {
        const auto& response = browser.open("/v1/platform/oauth/logout?" + query_of(fields));
        BOOST_TEST(response.status == 400);
        BOOST_TEST(header(response, "Location") == "");
    }
    BOOST_TEST(browser.open(authorize_url("web")).status == 302); // and nothing ended
}

BOOST_AUTO_TEST_CASE(suspension_deletion_and_a_new_password_end_sessions_codes_and_grants) {
    for (const auto& [method, path] :
         std::vector<std::pair<std::string, std::string>>{{"POST", "/v1/admin/users/usr_bo/suspend"},
                                                          {"POST", "/v1/admin/users/usr_bo/reset-password"},
                                                          {"DELETE", "/v1/admin/users/usr_bo"}}) {
        const Provider provider;
        Browser browser(provider.process);
        const auto code = parameters(header(browser.sign_in(authorize_url("web")), "Location"))["code"];
        const auto tokens = tokens_for(provider, "web");
        const auto admin = json_of(provider.process.post(token_path(), {{"grant_type", "client_credentials"}},
                                                         {{"authorization", basic("web")}}));
        const auto done = provider.process.send(
            method, path, {{"authorization", "Bearer " + admin.member("access_token")}});
        BOOST_TEST_CONTEXT(method << " " << path << " " << done.body) {
            BOOST_TEST(done.status / 100 == 2);
            // even when the account comes back
            provider.db.sql(
                "UPDATE scaikey.users SET status = 'ACTIVE', deleted_at = NULL WHERE id = 'usr_bo'");
            BOOST_TEST(browser.open(authorize_url("web")).status == 200);
            BOOST_TEST(has(exchange(provider.process, "web", code).body, "code expired"));
            BOOST_TEST(userinfo(provider, tokens.member("access_token")).status == 401);
            BOOST_TEST(
                has(refresh(provider.process, "web", tokens.member("refresh_token")).body, "was revoked"));
        }
    }
}

BOOST_AUTO_TEST_CASE(purge_removes_what_stopped_to_matter_and_nothing_else) {
    Provider provider;
    tokens_for(provider, "web");
    const auto living = [&] {
        return provider.db.value("SELECT (SELECT count(*) FROM scaikey.browser_sessions) || ' ' ||"
                                 "(SELECT count(*) FROM scaikey.authorization_codes) || ' ' ||"
                                 "(SELECT count(*) FROM scaikey.grants) || ' ' ||"
                                 "(SELECT count(*) FROM scaikey.refresh_tokens)");
    };
    scai::db::Pool pool(provider.db.settings("scaikey_jobs"));
    const auto purge = [&] {
        return scai::db::in_tx(pool, scai::db::Scope::all_tenants(), [&](scai::db::Tx& tx) {
            return scaikey::oauth::purge(tx, provider.time(), 86400);
        });
    };
    BOOST_TEST(living() == "1 1 1 1");
    purge();
    BOOST_TEST(living() == "1 1 1 1");
    provider.pass(2 * 86400);
    const auto would = scaikey::oauth::count_purgeable(pool, provider.time(), 86400);
    BOOST_TEST(would.codes == 1);
    BOOST_TEST(would.sessions == 1);
    BOOST_TEST(would.grants == 0);
    BOOST_TEST(purge().codes == 1);
    BOOST_TEST(living() == "0 0 1 1");
    provider.pass(31 * 86400);
    BOOST_TEST(purge().grants == 1);
    BOOST_TEST(living() == "0 0 0 0");
}

BOOST_AUTO_TEST_CASE(rows_of_another_tenant_are_invisible_in_a_tenant_s_scope) {
    const Provider provider;
    tokens_for(provider, "web");
    scai::db::Pool pool(provider.db.settings("scaikey_handler"));
    for (const auto* sql :
         {"SELECT count(*) FROM scaikey.browser_sessions", "SELECT count(*) FROM scaikey.authorization_codes",
          "SELECT count(*) FROM scaikey.grants"}) {
        const auto count = [&](const scai::db::Scope& scope) {
            return pool.read(scope).one<std::int64_t>(sql);
        };
        BOOST_TEST(count(scai::db::Scope::tenant("tnt_acme")) == 1);
        BOOST_TEST(count(scai::db::Scope::tenant("tnt_bolt")) == 0);
        BOOST_TEST(count(scai::db::Scope::none()) == 0);
    }
}

BOOST_AUTO_TEST_SUITE_END()
