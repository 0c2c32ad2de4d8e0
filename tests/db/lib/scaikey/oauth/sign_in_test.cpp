// Authorization endpoint and sign-in page. SPDX-License-Identifier: Apache-2.0
#include "tests/db/lib/scaikey/oauth/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace scaikey_test;

BOOST_AUTO_TEST_SUITE(lib_scaikey_oauth_sign_in)

BOOST_AUTO_TEST_CASE(code_flow_with_the_page_gives_tokens_for_the_person) {
    const Provider provider;
    Browser browser(provider.process);
    const auto& page = browser.open(authorize_url("web", {{"login_hint", "bo@acme.test"}}));
    BOOST_TEST(page.status == 200);
    BOOST_TEST(has(header(page, "Content-Type"), "text/html"));
    BOOST_TEST(has(page.body, "The web app"));
    BOOST_TEST(has(page.body, "value=\"bo@acme.test\""));
    BOOST_TEST(has(header(page, "Content-Security-Policy"), "form-action 'self' https://flow.test;"));
    const auto cookie = header(page, "Set-Cookie");
    BOOST_TEST(has(cookie, "HttpOnly"));
    BOOST_TEST(has(cookie, "SameSite=Lax"));
    BOOST_TEST(!has(cookie, "Secure"));

    const auto& done = browser.submit({{"email", " Bo@ACME.test "}, {"password", password}});
    BOOST_TEST(done.status == 303);
    const auto location = header(done, "Location");
    BOOST_TEST(location.starts_with("https://flow.test/auth/callback?"));
    auto back = parameters(location);
    BOOST_TEST(back["state"] == "s1");
    BOOST_TEST(back["iss"] == issuer);
    BOOST_TEST(browser.cookies.contains("scaikey_session"));

    const auto answer = exchange(provider.process, "web", back["code"]);
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(header(answer, "Cache-Control") == "no-store");
    const auto tokens = json_of(answer);
    BOOST_TEST(tokens.member("token_type") == "Bearer");
    BOOST_TEST(tokens.get("expires_in").integer().value_or(0) == 3600);
    BOOST_TEST(tokens.member("scope") == "openid profile email");
    BOOST_TEST(!tokens.member("refresh_token").empty());
    const auto access = claims_of(tokens.member("access_token"));
    BOOST_TEST(access.member("iss") == std::string(issuer) + "/tenants/tnt_acme");
    BOOST_TEST(access.member("aud") == "web");
    BOOST_TEST(access.member("sub") == "usr_bo");
    BOOST_TEST(access.member("tenant_id") == "tnt_acme");
    BOOST_TEST(access.member("partner_id") == "prt_north");
    BOOST_TEST(access.get("permissions").dump() == R"(["scaicore:view"])");
    BOOST_TEST(!access.get("role").present());
    BOOST_TEST(access.get("exp").integer().value_or(0) == start_time + 3600);
    const auto id = claims_of(tokens.member("id_token"));
    BOOST_TEST(id.member("iss") == issuer);
    BOOST_TEST(id.member("nonce") == "n1");
    BOOST_TEST(id.member("email") == "bo@acme.test");
    BOOST_TEST(id.member("name") == "Bo Berg");
    BOOST_TEST(id.get("auth_time").integer().value_or(0) == start_time);
}

BOOST_AUTO_TEST_CASE(tenant_flavour_names_the_tenant_in_issuer_and_page) {
    const Provider provider;
    Browser browser(provider.process);
    BOOST_TEST(has(browser.open(authorize_url("acme", {}, "acme")).body, "<strong>Acme</strong>"));
    const auto& done = browser.submit({{"email", "bo@acme.test"}, {"password", password}});
    auto back = parameters(header(done, "Location"));
    BOOST_TEST(back["iss"] == std::string(issuer) + "/tenants/tnt_acme");
    const auto answer = exchange(provider.process, "acme", back["code"], {}, "acme");
    BOOST_REQUIRE(answer.status == 200);
    BOOST_TEST(claims_of(json_of(answer).member("id_token")).member("iss") ==
               std::string(issuer) + "/tenants/tnt_acme");
}

BOOST_AUTO_TEST_CASE(groups_scope_brings_nested_groups) {
    const Provider provider;
    const auto tokens = tokens_for(provider, "web", {{"scope", "openid groups"}});
    BOOST_TEST(claims_of(tokens.member("access_token")).get("groups").dump() == R"(["grp_all","grp_dev"])");
    BOOST_TEST(claims_of(tokens.member("id_token")).get("groups").dump() == R"(["grp_all","grp_dev"])");
}

BOOST_AUTO_TEST_CASE(administrators_carry_their_role_and_may_get_admin_scopes) {
    const Provider provider;
    const auto token_of = [&](const std::string& email) {
        const auto code = code_for(provider, "web", {{"scope", "openid admin:read"}}, "", email);
        return claims_of(json_of(exchange(provider.process, "web", code)).member("access_token"));
    };
    const auto admin = token_of("admin@acme.test");
    BOOST_TEST(admin.member("role") == "tenant_admin");
    BOOST_TEST(admin.member("scope") == "openid admin:read");
    BOOST_TEST(token_of("bo@acme.test").member("scope") == "openid");
}

BOOST_AUTO_TEST_CASE(bad_client_or_redirect_shows_a_page_and_never_redirects) {
    const Provider provider;
    const std::vector<std::tuple<std::string, std::string, int, std::string>> table{
        {authorize_url("nobody"), "unknown client", 400, "client_id"},
        {authorize_url("web", {{"client_id", ""}}), "no client", 400, "client_id is missing"},
        {authorize_url("web", {{"client_id", std::string("a\0b", 3)}}), "NUL", 400, ""},
        {authorize_url("web", {{"redirect_uri", ""}}), "no redirect", 400, "redirect_uri is missing"},
        {authorize_url("web", {{"redirect_uri", "https://evil.test/"}}), "foreign redirect", 400,
         "match exactly"},
        {authorize_url("web", {{"redirect_uri", std::string(redirect_uri) + "/"}}), "slash more", 400,
         "match exactly"},
        {authorize_url("web", {{"redirect_uri", std::string(redirect_uri) + "?a=1"}}), "query more", 400,
         "match exactly"},
        {authorize_url("web", {{"redirect_uri", "https://FLOW.test/auth/callback"}}), "other case", 400,
         "match exactly"},
        {authorize_url("acme"), "tenant client at the platform", 400, "GLOBAL"},
        {authorize_url("north"), "partner client at the platform", 400, "GLOBAL"},
        {authorize_url("bolt", {}, "acme"), "other tenant's client", 400, "does not belong"},
        {authorize_url("north", {}, "bolt"), "other partner's client", 400, "does not belong"},
        {authorize_url("web", {}, "nowhere"), "unknown tenant", 404, "no organisation"},
        {authorize_url("web", {}, "dark"), "suspended tenant", 403, "suspended"},
    };
    for (const auto& [url, what, status, text] : table)
        BOOST_TEST_CONTEXT(what) {
            const auto response = provider.process.get(url);
            BOOST_TEST(response.status == status);
            BOOST_TEST(header(response, "Location") == "");
            BOOST_TEST(has(response.body, text));
        }
}

BOOST_AUTO_TEST_CASE(other_mistakes_go_back_to_the_client_with_state_and_issuer) {
    const Provider provider;
    const std::vector<std::tuple<Fields, std::string>> table{
        {{{"response_type", "token"}}, "unsupported_response_type"},
        {{{"response_type", ""}}, "invalid_request"},
        {{{"scope", "nothing:known"}}, "invalid_scope"},
        {{{"code_challenge_method", "plain"}}, "invalid_request"},
        {{{"code_challenge", "abc"}}, "invalid_request"},
        {{{"prompt", "none login"}}, "invalid_request"},
        {{{"max_age", "x"}}, "invalid_request"},
        {{{"request", "eyJ"}}, "request_not_supported"},
    };
    for (const auto& [changes, error] : table)
        BOOST_TEST_CONTEXT(changes.begin()->first) {
            const auto response = provider.process.get(authorize_url("web", changes));
            BOOST_TEST(response.status == 302);
            auto back = parameters(header(response, "Location"));
            BOOST_TEST(header(response, "Location").starts_with(redirect_uri));
            BOOST_TEST(back["error"] == error);
            BOOST_TEST(!back["error_description"].empty());
            BOOST_TEST(back["state"] == "s1");
            BOOST_TEST(back["iss"] == issuer);
            BOOST_TEST(back["code"] == "");
        }
    const auto spa =
        provider.process.get(authorize_url("spa", {{"code_challenge", ""}, {"code_challenge_method", ""}}));
    BOOST_TEST(has(parameters(header(spa, "Location"))["error_description"], "PKCE"));
    const auto nul = provider.process.get(authorize_url("web", {{"nonce", std::string("a\0b", 3)}}));
    BOOST_TEST(nul.status >= 300);
    BOOST_TEST(nul.status < 500);
}

BOOST_AUTO_TEST_CASE(redirect_uri_with_a_query_keeps_it) {
    const Provider provider;
    Browser browser(provider.process);
    const auto& done =
        browser.sign_in(authorize_url("web", {{"redirect_uri", "https://flow.test/second?x=1"}}));
    BOOST_TEST(header(done, "Location").starts_with("https://flow.test/second?x=1&code="));
}

BOOST_AUTO_TEST_CASE(session_signs_in_silently_and_prompt_decides) {
    Provider provider;
    Browser browser(provider.process);
    const auto silent = [&](const Fields& changes) {
        auto all = changes;
        all["prompt"] = "none";
        return parameters(header(browser.open(authorize_url("web", all)), "Location"));
    };
    BOOST_TEST(silent({})["error"] == "login_required");
    BOOST_TEST(silent({})["state"] == "s1");
    browser.sign_in(authorize_url("web"));
    BOOST_TEST(!silent({})["code"].empty());
    // without prompt: no page either
    BOOST_TEST(browser.open(authorize_url("spa")).status == 302);
    BOOST_TEST(browser.open(authorize_url("web", {{"prompt", "login"}})).status == 200);
    // another tenant's flavour does not know this session
    BOOST_TEST(browser.open(authorize_url("web", {}, "bolt")).status == 200);
    BOOST_TEST(browser.open(authorize_url("web", {}, "acme")).status == 302);
    // max_age
    provider.pass(100);
    BOOST_TEST(silent({{"max_age", "50"}})["error"] == "login_required");
    BOOST_TEST(!silent({{"max_age", "150"}})["code"].empty());
    // id_token_hint of somebody else
    const auto other = code_for(provider, "web", {}, "", "admin@acme.test");
    const auto hint = json_of(exchange(provider.process, "web", other)).member("id_token");
    BOOST_TEST(silent({{"id_token_hint", hint}})["error"] == "login_required");
    // the session ends by time
    provider.pass(12 * 3600);
    BOOST_TEST(silent({})["error"] == "login_required");
}

BOOST_AUTO_TEST_CASE(prompt_login_renews_the_session_and_its_time) {
    Provider provider;
    Browser browser(provider.process);
    browser.sign_in(authorize_url("web"));
    const auto first = browser.cookies["scaikey_session"];
    provider.pass(60);
    const auto& done = browser.sign_in(authorize_url("web", {{"prompt", "login"}}));
    const auto code = parameters(header(done, "Location"))["code"];
    BOOST_TEST(browser.cookies["scaikey_session"] != first);
    const auto id = claims_of(json_of(exchange(provider.process, "web", code)).member("id_token"));
    BOOST_TEST(id.get("auth_time").integer().value_or(0) == start_time + 60);
    Browser thief(provider.process);
    thief.cookies["scaikey_session"] = first;
    BOOST_TEST(thief.open(authorize_url("web")).status == 200);
}

BOOST_AUTO_TEST_CASE(suspended_or_deleted_people_lose_their_session) {
    Provider provider;
    Browser browser(provider.process);
    browser.sign_in(authorize_url("web"));
    for (const auto* change :
         {"UPDATE scaikey.users SET status = 'SUSPENDED' WHERE id = 'usr_bo'",
          "UPDATE scaikey.users SET status = 'ACTIVE', deleted_at = now() WHERE id = 'usr_bo'",
          "UPDATE scaikey.users SET deleted_at = NULL WHERE id = 'usr_bo';"
          "UPDATE scaikey.tenants SET status = 'SUSPENDED' WHERE id = 'tnt_acme'",
          "UPDATE scaikey.tenants SET status = 'ACTIVE' WHERE id = 'tnt_acme';"
          "UPDATE scaikey.partners SET status = 'SUSPENDED' WHERE id = 'prt_north'"}) {
        BOOST_TEST(browser.open(authorize_url("web")).status == 302);
        provider.db.sql(change);
        BOOST_TEST(browser.open(authorize_url("web")).status == 200);
        provider.db.sql("UPDATE scaikey.users SET status = 'ACTIVE', deleted_at = NULL WHERE id = 'usr_bo';"
                        "UPDATE scaikey.tenants SET status = 'ACTIVE' WHERE id = 'tnt_acme';"
                        "UPDATE scaikey.partners SET status = 'ACTIVE'");
    }
}

BOOST_AUTO_TEST_CASE(wrong_credentials_get_the_same_answer_whatever_is_wrong) {
    const Provider provider;
    const std::string refusal = "E-mail address or password is wrong.";
    for (const auto& [email, secret] :
         std::vector<std::pair<std::string, std::string>>{{"bo@acme.test", "wrong"},
                                                          {"nobody@acme.test", password},
                                                          {"nopw@acme.test", password},
                                                          {"off@acme.test", "wrong"},
                                                          {"x' OR '1'='1", "x"}}) {
        Browser browser(provider.process);
        const auto& response = browser.sign_in(authorize_url("web"), email, secret);
        BOOST_TEST_CONTEXT(email) {
            BOOST_TEST(response.status == 403);
            BOOST_TEST(has(response.body, refusal));
            BOOST_TEST(!browser.cookies.contains("scaikey_session"));
            BOOST_TEST(!has(response.body, "value=\"wrong\""));
        }
    }
    Browser browser(provider.process);
    for (const auto& [fields, text] : std::vector<std::pair<Fields, std::string>>{
             {{{"email", ""}, {"password", "x"}}, "Enter your e-mail address."},
             {{{"email", "bo@acme.test"}, {"password", ""}}, "Enter your password."},
             {{{"email", std::string(321, 'a')}, {"password", "x"}}, "Enter your e-mail address."},
             {{{"email", "bo@acme.test"}, {"password", std::string(1025, 'x')}}, "at most 1024"}}) {
        browser.open(authorize_url("web"));
        const auto& response = browser.submit(fields);
        BOOST_TEST(response.status == 400);
        BOOST_TEST(has(response.body, text));
    }
}

BOOST_AUTO_TEST_CASE(right_password_of_a_suspended_account_says_so) {
    const Provider provider;
    for (const auto* email : {"off@acme.test", "dee@dark.test"}) {
        Browser browser(provider.process);
        const auto& response = browser.sign_in(authorize_url("web"), email);
        BOOST_TEST(response.status == 403);
        BOOST_TEST(has(response.body, "suspended"));
    }
}

BOOST_AUTO_TEST_CASE(tenant_flavour_knows_only_its_own_people) {
    const Provider provider;
    Browser browser(provider.process);
    BOOST_TEST(browser.sign_in(authorize_url("web", {}, "bolt"), "bo@acme.test").status == 403);
    const auto& done = browser.sign_in(authorize_url("web", {}, "bolt"), "both@x.test");
    BOOST_TEST(done.status == 303); // no choice to make here
    const auto code = parameters(header(done, "Location"))["code"];
    BOOST_TEST(
        claims_of(json_of(exchange(provider.process, "web", code)).member("access_token")).member("sub") ==
        "usr_both2");
}

BOOST_AUTO_TEST_CASE(address_in_several_tenants_gets_a_choice) {
    Provider provider;
    Browser browser(provider.process);
    const auto& page = browser.sign_in(authorize_url("web"), "both@x.test");
    BOOST_TEST(page.status == 200);
    BOOST_TEST(has(page.body, "value=\"tnt_acme\""));
    BOOST_TEST(has(page.body, ">Bolt</button>"));
    BOOST_TEST(!browser.cookies.contains("scaikey_session"));
    const auto choice = hidden_field(page.body, "flow");

    Browser thief(provider.process);
    thief.open(authorize_url("web"));
    BOOST_TEST(thief.submit({{"flow", choice}, {"tenant_id", "tnt_bolt"}}).status == 400);
    // a tenant that was not offered
    BOOST_TEST(browser.submit({{"tenant_id", "tnt_dark"}}).status == 400);

    browser.sign_in(authorize_url("web"), "both@x.test");
    const auto used = hidden_field(browser.last.body, "flow");
    const auto& done = browser.submit({{"tenant_id", "tnt_bolt"}});
    BOOST_TEST(done.status == 303);
    const auto code = parameters(header(done, "Location"))["code"];
    BOOST_TEST(claims_of(json_of(exchange(provider.process, "web", code)).member("access_token"))
                   .member("tenant_id") == "tnt_bolt");
    // once only, and not for long
    browser.open(authorize_url("web", {{"prompt", "login"}}));
    BOOST_TEST(browser.submit({{"flow", used}, {"tenant_id", "tnt_bolt"}}).status == 400);
    browser.sign_in(authorize_url("web", {{"prompt", "login"}}), "both@x.test");
    provider.pass(301);
    BOOST_TEST(browser.submit({{"tenant_id", "tnt_bolt"}}).status == 400);
}

BOOST_AUTO_TEST_CASE(choice_shows_only_tenants_the_password_opens) {
    const Provider provider;
    provider.db.sql("UPDATE scaikey.users SET password_hash = NULL WHERE id = 'usr_both2'");
    Browser browser(provider.process);
    BOOST_TEST(browser.sign_in(authorize_url("web"), "both@x.test").status == 303);
}

BOOST_AUTO_TEST_CASE(form_without_its_cookie_or_from_elsewhere_is_refused) {
    const Provider provider;
    Browser browser(provider.process);
    browser.open(authorize_url("web"));
    const auto token = hidden_field(browser.last.body, "csrf");
    BOOST_TEST(!token.empty());
    const Fields form{{"email", "bo@acme.test"}, {"password", password}, {"csrf", token}};
    const auto cookie = "scaikey_browser=" + browser.cookies["scaikey_browser"];
    const auto url = authorize_url("web");
    BOOST_TEST(provider.process.post(url, form).status == 400);
    BOOST_TEST(
        provider.process.post(url, form, {{"cookie", "scaikey_browser=" + std::string(40, 'a')}}).status ==
        400);
    BOOST_TEST(
        provider.process.post(url, form, {{"cookie", cookie}, {"sec-fetch-site", "cross-site"}}).status ==
        400);
    auto without = form;
    without.erase("csrf");
    BOOST_TEST(provider.process.post(url, without, {{"cookie", cookie}}).status == 400);
    BOOST_TEST(
        provider.process.post(url, form, {{"cookie", cookie}, {"sec-fetch-site", "same-origin"}}).status ==
        303);
}

BOOST_AUTO_TEST_CASE(authorization_request_may_be_posted) {
    const Provider provider;
    const auto response = provider.process.post("/v1/platform/oauth/authorize", authorize_fields("web"));
    BOOST_TEST(response.status == 303);
    const auto location = header(response, "Location");
    BOOST_TEST(location.starts_with(std::string(issuer) + "/api/v1/platform/oauth/authorize?"));
    BOOST_TEST(provider.process.get(location.substr(std::string(issuer).size())).status == 200);
}

BOOST_AUTO_TEST_CASE(failed_passwords_shut_the_account_for_growing_times) {
    Provider provider;
    const auto attempt = [&](const std::string& email, const std::string& secret) {
        Browser browser(provider.process);
        return browser.sign_in(authorize_url("web"), email, secret);
    };
    for (const auto* email : {"bo@acme.test", "unknown@acme.test"}) {
        for (int i = 0; i < 5; ++i)
            BOOST_TEST(attempt(email, "wrong").status == 403);
        const auto shut = attempt(email, password);
        BOOST_TEST(shut.status == 429);
        BOOST_TEST(header(shut, "Retry-After") == "30");
        BOOST_TEST(has(shut.body, "Try again in 30 seconds."));
    }
    // spelling does not open a second account
    BOOST_TEST(attempt("BO@acme.TEST", password).status == 429);
    // nobody else is concerned
    BOOST_TEST(attempt("admin@acme.test", password).status == 303);
    provider.pass(30);
    BOOST_TEST(attempt("bo@acme.test", "wrong").status == 403);
    BOOST_TEST(header(attempt("bo@acme.test", password), "Retry-After") == "60");
    provider.pass(60);
    BOOST_TEST(attempt("bo@acme.test", password).status == 303);
    // success forgets
    BOOST_TEST(attempt("bo@acme.test", "wrong").status == 403);
    BOOST_TEST(attempt("bo@acme.test", password).status == 303);
    // the address itself is not stored
    BOOST_TEST(provider.db.value(
                   "SELECT count(*) FROM scaikey.sign_in_attempts WHERE account_hash LIKE '%@%'") == "0");
}

BOOST_AUTO_TEST_CASE(tries_in_parallel_cannot_outrun_the_limit) {
    const Provider provider;
    std::atomic<int> looked_at{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            Browser browser(provider.process);
            if (browser.sign_in(authorize_url("web"), "bo@acme.test", "wrong").status == 403)
                ++looked_at;
        });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(looked_at.load() == 5);
}

BOOST_AUTO_TEST_CASE(https_provider_hardens_its_cookies) {
    const Provider provider(Fields{{"SCAIKEY_ISSUER", "https://key.localhost"}});
    const auto page = provider.process.get(authorize_url("web"));
    const auto cookie = header(page, "Set-Cookie");
    BOOST_TEST(cookie.starts_with("__Host-scaikey_browser="));
    BOOST_TEST(has(cookie, "; Secure"));
    BOOST_TEST(has(cookie, "; Path=/;"));
    BOOST_TEST(!has(cookie, "Domain"));
}

BOOST_AUTO_TEST_SUITE_END()
