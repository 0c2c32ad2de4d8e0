// Token endpoint: grants, rotation, reuse. SPDX-License-Identifier: Apache-2.0
#include "tests/db/lib/scaikey/oauth/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace scaikey_test;

BOOST_AUTO_TEST_SUITE(lib_scaikey_oauth_token)

namespace {

std::string error_of(const Response& response) {
    const auto body = json_of(response);
    return std::to_string(response.status) + " " + body.member("error") + ": " +
           body.member("error_description");
}

/// Whether our own API (and so the revocation list) still accepts the token.
int userinfo_status(const Provider& provider, const std::string& access_token) {
    return provider.process.get("/v1/platform/oauth/userinfo", {{"authorization", "Bearer " + access_token}})
        .status;
}

Response service_token(const Process& process, const std::string& client_id, const Fields& changes = {},
                       const std::string& slug = "") {
    Fields form{{"grant_type", "client_credentials"}};
    for (const auto& [name, value] : changes)
        form[name] = value;
    return process.post(token_path(slug), form, {{"authorization", basic(client_id)}});
}

} // namespace

BOOST_AUTO_TEST_CASE(second_use_of_a_code_is_refused_and_revokes_what_the_first_gave) {
    const Provider provider;
    const auto code = code_for(provider, "web");
    const auto tokens = json_of(exchange(provider.process, "web", code));
    const auto access = tokens.member("access_token");
    BOOST_TEST(userinfo_status(provider, access) == 200);
    BOOST_TEST(error_of(exchange(provider.process, "web", code)) == "400 invalid_grant: code already used");
    BOOST_TEST(userinfo_status(provider, access) == 401);
    BOOST_TEST(error_of(refresh(provider.process, "web", tokens.member("refresh_token"))) ==
               "400 invalid_grant: refresh token was revoked");
}

BOOST_AUTO_TEST_CASE(code_shown_twice_at_once_gives_one_set_of_tokens) {
    const Provider provider;
    for (int round = 0; round < 3; ++round) {
        const auto code = code_for(provider, "web");
        std::atomic<int> good{0}, replayed{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                const auto response = exchange(provider.process, "web", code);
                if (response.status == 200)
                    ++good;
                else if (has(response.body, "code already used"))
                    ++replayed;
            });
        for (auto& thread : threads)
            thread.join();
        BOOST_TEST(good.load() == 1);
        BOOST_TEST(replayed.load() == 3);
    }
}

BOOST_AUTO_TEST_CASE(every_wrong_detail_of_an_exchange_is_named) {
    Provider provider;
    const auto code = code_for(provider, "web");
    const auto with = [&](const Fields& changes, const std::string& client = "web") {
        return error_of(exchange(provider.process, client, code, changes));
    };
    BOOST_TEST(with({{"code", ""}}) == "400 invalid_request: code is missing");
    BOOST_TEST(with({{"redirect_uri", ""}}) == "400 invalid_request: redirect_uri is missing");
    BOOST_TEST(with({{"code", "other"}}) == "400 invalid_grant: code is unknown");
    BOOST_TEST(with({{"redirect_uri", "https://flow.test/second?x=1"}}) ==
               "400 invalid_grant: redirect_uri differs from the one of the authorization request");
    BOOST_TEST(with({{"code_verifier", std::string(43, 'x')}}) ==
               "400 invalid_grant: code_verifier does not match the code_challenge");
    BOOST_TEST(with({{"code_verifier", ""}}) ==
               "400 invalid_grant: code_verifier does not match the code_challenge");
    BOOST_TEST(with({}, "spa") == "400 invalid_grant: code was issued to another client");
    BOOST_TEST(with({{"grant_type", ""}}) == "400 invalid_request: grant_type is missing");
    BOOST_TEST(with({{"grant_type", "password"}}).starts_with("400 unsupported_grant_type"));
    // none of that burnt the code
    BOOST_TEST(exchange(provider.process, "web", code).status == 200);

    const auto late = code_for(provider, "web");
    provider.pass(121);
    BOOST_TEST(error_of(exchange(provider.process, "web", late)) == "400 invalid_grant: code expired");

    const auto plain = code_for(provider, "web", {{"code_challenge", ""}, {"code_challenge_method", ""}});
    BOOST_TEST(error_of(exchange(provider.process, "web", plain)) ==
               "400 invalid_grant: code_verifier does not match the code_challenge");
    BOOST_TEST(exchange(provider.process, "web", plain, {{"code_verifier", ""}}).status == 200);

    const auto gone = code_for(provider, "web");
    provider.db.sql("UPDATE scaikey.users SET status = 'SUSPENDED' WHERE id = 'usr_bo'");
    BOOST_TEST(error_of(exchange(provider.process, "web", gone)) ==
               "400 invalid_grant: the account is suspended or gone");
}

BOOST_AUTO_TEST_CASE(code_of_another_tenant_does_not_exist_at_a_tenant_endpoint) {
    const Provider provider;
    const auto code = code_for(provider, "web", {}, "acme");
    BOOST_TEST(error_of(exchange(provider.process, "web", code, {}, "bolt")) ==
               "400 invalid_grant: code is unknown");
    BOOST_TEST(exchange(provider.process, "web", code, {}, "acme").status == 200);
}

BOOST_AUTO_TEST_CASE(client_authentication_failures_are_401_with_a_challenge) {
    const Provider provider;
    const auto post = [&](const Fields& form, const Fields& headers, const std::string& slug = "") {
        Fields all{{"grant_type", "client_credentials"}};
        for (const auto& [name, value] : form)
            all[name] = value;
        return provider.process.post(token_path(slug), all, headers);
    };
    const Fields web{{"authorization", basic("web")}};
    BOOST_TEST(post({}, web).status == 200);
    BOOST_TEST(post({{"client_id", "web"}, {"client_secret", "web-secret"}}, {}).status == 200);
    const auto missing = post({}, {});
    BOOST_TEST(error_of(missing) == "401 invalid_client: client authentication is missing");
    BOOST_TEST(has(header(missing, "WWW-Authenticate"), "Basic"));
    BOOST_TEST(error_of(post({{"client_id", "web"}}, {})) == "401 invalid_client: client_secret is missing");
    BOOST_TEST(error_of(post({{"client_id", "web"}, {"client_secret", "web-secreT"}}, {})) ==
               "401 invalid_client: client_secret is wrong");
    BOOST_TEST(error_of(post({{"client_id", "nobody"}, {"client_secret", "x"}}, {})) ==
               "401 invalid_client: unknown client");
    BOOST_TEST(error_of(post({{"client_id", "spa"}, {"client_secret", "x"}}, {})) ==
               "401 invalid_client: a public client has no client_secret");
    BOOST_TEST(error_of(post({{"client_secret", "web-secret"}}, web)) ==
               "400 invalid_request: the client authenticated twice");
    BOOST_TEST(error_of(post({}, {{"authorization", basic("acme")}}))
                   .starts_with("401 invalid_client: the platform"));
    BOOST_TEST(error_of(post({}, {{"authorization", basic("acme")}}, "bolt")) ==
               "401 invalid_client: the application does not belong to this tenant");
    BOOST_TEST(error_of(post({}, web, "dark")) == "401 invalid_client: the tenant is suspended");
    BOOST_TEST(post({}, web, "nowhere").status == 404);
    provider.db.sql("UPDATE scaikey.applications SET deleted_at = now() WHERE id = 'app_web'");
    BOOST_TEST(error_of(post({}, web)) == "401 invalid_client: unknown client");
}

BOOST_AUTO_TEST_CASE(malformed_bodies_are_refused_in_the_oauth_shape) {
    const Provider provider;
    const Fields form_type{{"content-type", "application/x-www-form-urlencoded"},
                           {"authorization", basic("web")}};
    for (const auto* body : {"grant_type=a&grant_type=b", "grant_type=%zz", "grant_type=%ff", "a=%00"}) {
        const auto response = provider.process.send("POST", token_path(), form_type, body);
        BOOST_TEST_CONTEXT(body) {
            BOOST_TEST(response.status == 400);
            BOOST_TEST(!json_of(response).member("error").empty());
        }
    }
    const auto json = provider.process.send(
        "POST", token_path(), {{"content-type", "application/json"}, {"authorization", basic("web")}}, "{}");
    BOOST_TEST(json.status >= 400);
    BOOST_TEST(json.status < 500);
    BOOST_TEST(provider.process.get(token_path()).status == 405);
}

BOOST_AUTO_TEST_CASE(refresh_rotates_and_keeps_the_family_alive) {
    Provider provider;
    const auto first = tokens_for(provider, "web");
    provider.pass(1000);
    const auto second = json_of(refresh(provider.process, "web", first.member("refresh_token")));
    BOOST_TEST(second.member("refresh_token") != first.member("refresh_token"));
    const auto claims = claims_of(second.member("access_token"));
    BOOST_TEST(claims.get("iat").integer().value_or(0) == start_time + 1000);
    BOOST_TEST(claims.get("auth_time").integer().value_or(0) == start_time);
    const auto id = claims_of(second.member("id_token"));
    BOOST_TEST(id.get("auth_time").integer().value_or(0) == start_time);
    BOOST_TEST(!id.get("nonce").present());
    const auto third = json_of(refresh(provider.process, "web", second.member("refresh_token")));
    BOOST_TEST(userinfo_status(provider, third.member("access_token")) == 200);
    provider.pass(30 * 86400 + 1);
    BOOST_TEST(error_of(refresh(provider.process, "web", third.member("refresh_token"))) ==
               "400 invalid_grant: refresh token expired");
}

BOOST_AUTO_TEST_CASE(reused_refresh_token_kills_the_family) {
    const Provider provider;
    const auto first = tokens_for(provider, "web");
    const auto second = json_of(refresh(provider.process, "web", first.member("refresh_token")));
    BOOST_TEST(error_of(refresh(provider.process, "web", first.member("refresh_token"))) ==
               "400 invalid_grant: refresh token already used");
    BOOST_TEST(error_of(refresh(provider.process, "web", second.member("refresh_token"))) ==
               "400 invalid_grant: refresh token was revoked");
    BOOST_TEST(userinfo_status(provider, first.member("access_token")) == 401);
    BOOST_TEST(userinfo_status(provider, second.member("access_token")) == 401);
    // another sign-in of the same person is another family
    BOOST_TEST(userinfo_status(provider, tokens_for(provider, "web").member("access_token")) == 200);
}

BOOST_AUTO_TEST_CASE(concurrent_refreshes_give_one_token_and_detect_the_reuse) {
    const Provider provider;
    const Process other(provider.db.url, provider.now);
    for (int round = 0; round < 5; ++round) {
        const auto token = tokens_for(provider, "web").member("refresh_token");
        std::atomic<int> good{0}, reused{0}, strange{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 6; ++i)
            threads.emplace_back([&, i] {
                const auto response = refresh(i % 2 == 0 ? provider.process : other, "web", token);
                if (response.status == 200)
                    ++good;
                else if (response.status == 400 && has(response.body, "refresh token already used"))
                    ++reused;
                else
                    ++strange;
            });
        for (auto& thread : threads)
            thread.join();
        BOOST_TEST(good.load() == 1);
        BOOST_TEST(reused.load() == 5);
        BOOST_TEST(strange.load() == 0);
    }
    BOOST_TEST(provider.db.value("SELECT count(*) FROM scaikey.grants WHERE revoked_at IS NULL") == "0");
}

BOOST_AUTO_TEST_CASE(refresh_may_narrow_but_never_widen) {
    const Provider provider;
    const auto tokens = tokens_for(provider, "web", {{"scope", "openid email"}});
    BOOST_TEST(error_of(refresh(provider.process, "web", tokens.member("refresh_token"),
                                {{"scope", "openid profile"}})) ==
               "400 invalid_scope: scope is wider than what was granted");
    const auto narrow =
        json_of(refresh(provider.process, "web", tokens.member("refresh_token"), {{"scope", "email"}}));
    BOOST_TEST(narrow.member("scope") == "email");
    BOOST_TEST(!narrow.get("id_token").present());
    const auto whole = json_of(refresh(provider.process, "web", narrow.member("refresh_token")));
    BOOST_TEST(whole.member("scope") == "openid email");
    // what the application may have is the ceiling at every refresh
    provider.db.sql("UPDATE scaikey.applications SET allowed_scopes = '{openid}' WHERE id = 'app_web'");
    BOOST_TEST(json_of(refresh(provider.process, "web", whole.member("refresh_token"))).member("scope") ==
               "openid");
}

BOOST_AUTO_TEST_CASE(refresh_belongs_to_its_client_and_to_a_person_in_good_standing) {
    const Provider provider;
    const auto token = tokens_for(provider, "web").member("refresh_token");
    BOOST_TEST(error_of(refresh(provider.process, "native", token)) ==
               "400 invalid_grant: refresh token was issued to another client");
    BOOST_TEST(error_of(refresh(provider.process, "web", "unknown")) ==
               "400 invalid_grant: refresh token is unknown");
    BOOST_TEST(error_of(refresh(provider.process, "web", "")) ==
               "400 invalid_request: refresh_token is missing");
    provider.db.sql("UPDATE scaikey.users SET status = 'SUSPENDED' WHERE id = 'usr_bo'");
    BOOST_TEST(error_of(refresh(provider.process, "web", token)) ==
               "400 invalid_grant: the account is suspended or gone");
    provider.db.sql("UPDATE scaikey.users SET status = 'ACTIVE' WHERE id = 'usr_bo'");
    BOOST_TEST(refresh(provider.process, "web", token).status == 200);
}

BOOST_AUTO_TEST_CASE(public_clients_get_refresh_tokens_by_the_rule) {
    const Provider provider;
    BOOST_TEST(!tokens_for(provider, "spa").get("refresh_token").present());
    const auto spa = tokens_for(provider, "spa", {{"scope", "openid offline_access"}});
    BOOST_TEST(refresh(provider.process, "spa", spa.member("refresh_token")).status == 200);
    BOOST_TEST(tokens_for(provider, "native").get("refresh_token").present());
}

BOOST_AUTO_TEST_CASE(demoted_administrator_loses_admin_scopes_at_the_refresh) {
    const Provider provider;
    const auto code = code_for(provider, "web", {{"scope", "openid admin:write"}}, "", "admin@acme.test");
    const auto tokens = json_of(exchange(provider.process, "web", code));
    BOOST_TEST(tokens.member("scope") == "openid admin:write");
    provider.db.sql("UPDATE scaikey.users SET admin_role = NULL WHERE id = 'usr_admin'");
    const auto next = json_of(refresh(provider.process, "web", tokens.member("refresh_token")));
    BOOST_TEST(next.member("scope") == "openid");
    BOOST_TEST(!claims_of(next.member("access_token")).get("role").present());
}

BOOST_AUTO_TEST_CASE(service_token_has_the_whole_allowance_unless_it_asks_for_less) {
    const Provider provider;
    const auto whole = json_of(service_token(provider.process, "web"));
    BOOST_TEST(whole.member("scope") == "openid profile email groups offline_access admin:read admin:write");
    BOOST_TEST(!whole.get("refresh_token").present());
    BOOST_TEST(!whole.get("id_token").present());
    const auto less = json_of(service_token(provider.process, "web", {{"scope", "admin:read unknown"}}));
    BOOST_TEST(less.member("scope") == "admin:read");
    const auto claims = claims_of(less.member("access_token"));
    BOOST_TEST(claims.member("iss") == issuer);
    BOOST_TEST(claims.member("sub") == "web");
    BOOST_TEST(claims.member("token_type") == "client_credentials");
    BOOST_TEST(claims.get("platform_token").boolean().value_or(false));
    BOOST_TEST(!claims.get("tenant_id").present());
    BOOST_TEST(error_of(service_token(provider.process, "web", {{"scope", "unknown"}}))
                   .starts_with("400 invalid_scope"));
    BOOST_TEST(error_of(service_token(provider.process, "web", {{"scope", "a\"b"}}))
                   .starts_with("400 invalid_scope"));

    const auto partner =
        claims_of(json_of(service_token(provider.process, "north", {}, "acme")).member("access_token"));
    BOOST_TEST(partner.member("app_scope") == "PARTNER");
    BOOST_TEST(partner.member("tenant_id") == "tnt_acme");
    BOOST_TEST(partner.member("partner_id") == "prt_north");
    BOOST_TEST(!partner.get("platform_token").present());

    const auto spa =
        provider.process.post(token_path(), {{"grant_type", "client_credentials"}, {"client_id", "spa"}});
    BOOST_TEST(error_of(spa).starts_with("400 unauthorized_client"));
}

BOOST_AUTO_TEST_CASE(token_lifetime_is_the_application_s) {
    const Provider provider;
    provider.db.sql("UPDATE scaikey.applications SET token_lifetime = 60 WHERE id = 'app_web'");
    const auto tokens = tokens_for(provider, "web");
    BOOST_TEST(tokens.get("expires_in").integer().value_or(0) == 60);
    for (const auto* name : {"access_token", "id_token"})
        BOOST_TEST(claims_of(tokens.member(name)).get("exp").integer().value_or(0) == start_time + 60);
}

BOOST_AUTO_TEST_CASE(registered_origins_may_read_answers_and_errors) {
    const Provider provider;
    const auto ask = [&](const std::string& origin, const std::string& grant) {
        return provider.process.post(token_path(), {{"grant_type", grant}},
                                     {{"authorization", basic("web")}, {"origin", origin}});
    };
    for (const auto* grant : {"client_credentials", "nonsense"}) {
        BOOST_TEST(header(ask("https://flow.test", grant), "Access-Control-Allow-Origin") ==
                   "https://flow.test");
        BOOST_TEST(header(ask("https://evil.test", grant), "Access-Control-Allow-Origin") == "");
    }
}

BOOST_AUTO_TEST_CASE(nothing_that_opens_anything_is_stored_in_clear) {
    const Provider provider;
    Browser browser(provider.process);
    const auto code = parameters(header(browser.sign_in(authorize_url("web")), "Location"))["code"];
    const auto tokens = json_of(exchange(provider.process, "web", code));
    for (const auto& secret : {code, tokens.member("refresh_token"), browser.cookies["scaikey_session"]})
        for (const auto* table : {"authorization_codes", "refresh_tokens", "browser_sessions", "grants"}) {
            const auto sql = "SELECT count(*) FROM scaikey." + std::string(table) +
                             " t WHERE t::text LIKE '%" + secret + "%'";
            BOOST_TEST(provider.db.value(sql) == "0");
        }
}

BOOST_AUTO_TEST_CASE(lost_connections_heal_and_broken_tables_say_nothing) {
    const Provider provider;
    provider.db.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid()");
    // the pool reconnects by itself
    BOOST_TEST(service_token(provider.process, "web").status == 200);
    provider.db.sql("ALTER TABLE scaikey.applications RENAME TO applications_gone");
    const auto broken = service_token(provider.process, "web");
    BOOST_TEST(broken.status == 500);
    BOOST_TEST(!has(broken.body, "applications"));
}

BOOST_AUTO_TEST_SUITE_END()
