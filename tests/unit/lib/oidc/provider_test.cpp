// Discovery and token endpoint against a server on loopback. SPDX-License-Identifier: Apache-2.0
#include "lib/oidc/provider.hpp"

#include "lib/crypto/crypto.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/http_server.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <mutex>
#include <thread>

using namespace std::chrono_literals;
using scai::ErrorKind;
using scai::http::CurlClient;
using scai::oidc::Provider;
using scai::oidc::ProviderSettings;
using scai::oidc::ServiceToken;
using scai::test::FakeClock;
using scai::test::Fault;
using scai::test::HttpReply;
using scai::test::HttpRequest;
using scai::test::HttpServer;

namespace {

constexpr const char* platform_discovery = "/api/v1/platform/oauth/.well-known/openid-configuration";

struct Fixture {
    FakeClock clock;
    CurlClient client;
    HttpReply discovery{.status = 404};
    HttpReply token{
        .body = R"({"access_token":"a1","token_type":"Bearer","expires_in":3600,"scope":"admin:read"})"};
    std::mutex mutex; ///< guards the replies once the server is asked
    HttpServer server{[this](const HttpRequest& request) {
        const std::lock_guard lock(mutex);
        return request.path.find("openid-configuration") != std::string::npos ? discovery : token;
    }};

    ProviderSettings settings() const {
        ProviderSettings out;
        out.base_url = server.url();
        out.client_id = "cid1";
        out.client_secret = "s/e c";
        out.timeout = 300ms;
        return out;
    }
    std::string refusal(HttpReply reply) {
        {
            const std::lock_guard lock(mutex);
            token = std::move(reply);
        }
        Provider provider(settings(), client, clock);
        const auto outcome = provider.exchange_code("c", "v", "https://flow.test/cb");
        BOOST_REQUIRE(!outcome);
        return (outcome.error().kind == ErrorKind::bad_request ? "400 "
                : outcome.error().kind == ErrorKind::upstream  ? "502 "
                                                               : "??? ") +
               outcome.error().code + ": " + outcome.error().message;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(lib_oidc_provider, Fixture)

BOOST_AUTO_TEST_CASE(configured_means_base_url_client_and_secret) {
    BOOST_TEST(Provider(settings(), client, clock).configured());
    for (auto member :
         {&ProviderSettings::base_url, &ProviderSettings::client_id, &ProviderSettings::client_secret}) {
        ProviderSettings bare = settings();
        bare.*member = "";
        BOOST_TEST(!Provider(bare, client, clock).configured());
    }
}

BOOST_AUTO_TEST_CASE(discovery_wins_over_the_long_paths_and_overrides_win_over_both) {
    discovery = {.body = R"({"issuer":"https://i.test","authorization_endpoint":"https://i.test/a",
        "token_endpoint":"https://i.test/t","jwks_uri":"https://i.test/j","userinfo_endpoint":"https://i.test/u",
        "end_session_endpoint":"https://i.test/e","revocation_endpoint":"https://i.test/r",
        "introspection_endpoint":"https://i.test/n"})"};
    ProviderSettings mine = settings();
    mine.token_url = "https://override.test/t";
    Provider provider(mine, client, clock);
    const auto endpoints = provider.endpoints();
    BOOST_TEST(endpoints.issuer == "https://i.test");
    BOOST_TEST(endpoints.authorize == "https://i.test/a");
    BOOST_TEST(endpoints.token == "https://override.test/t");
    BOOST_TEST(endpoints.jwks == "https://i.test/j");
    BOOST_TEST(endpoints.userinfo == "https://i.test/u");
    BOOST_TEST(endpoints.end_session == "https://i.test/e");
    BOOST_TEST(endpoints.revocation == "https://i.test/r");
    BOOST_TEST(endpoints.introspection == "https://i.test/n");
    BOOST_TEST(server.requests().at(0).path == platform_discovery);
}

BOOST_AUTO_TEST_CASE(discovery_is_asked_once_an_hour) {
    discovery = {.body = "{}"};
    Provider provider(settings(), client, clock);
    for (int i = 0; i < 5; ++i)
        provider.endpoints();
    BOOST_TEST(server.count() == 1U);
    clock.advance(61min);
    provider.endpoints();
    BOOST_TEST(server.count() == 2U);
    clock.advance(-3h); // stepped back: the age is not known any more
    provider.endpoints();
    BOOST_TEST(server.count() == 3U);
}

BOOST_AUTO_TEST_CASE(failed_discovery_means_long_paths_and_a_retry_after_half_a_minute) {
    for (const auto& broken : {HttpReply{.status = 500}, HttpReply{.body = "{"}, HttpReply{.body = "[]"},
                               HttpReply{.fault = Fault::reset}, HttpReply{.status = 302}}) {
        discovery = broken;
        server.forget();
        CurlClient fresh; // no kept connection, on which curl would try a reset again
        Provider provider(settings(), fresh, clock);
        BOOST_TEST(provider.endpoints().token == server.url("/api/v1/platform/oauth/token"));
        BOOST_TEST(provider.endpoints().authorize == server.url("/api/v1/platform/oauth/authorize"));
        BOOST_TEST(provider.endpoints().jwks == server.url("/api/v1/platform/.well-known/jwks.json"));
        BOOST_TEST(provider.endpoints().issuer == server.url());
        BOOST_TEST(server.count() == 1U);
        discovery = {.body = R"({"token_endpoint":"https://i.test/t"})"};
        clock.advance(31s);
        BOOST_TEST(provider.endpoints().token == "https://i.test/t");
        discovery = {.status = 500}; // later outage: what was known stays
        clock.advance(2h);
        BOOST_TEST(provider.endpoints().token == "https://i.test/t");
    }
}

BOOST_AUTO_TEST_CASE(a_tenant_slug_selects_the_tenant_flavour) {
    ProviderSettings mine = settings();
    mine.tenant_slug = "acme";
    Provider provider(mine, client, clock);
    BOOST_TEST(provider.endpoints().token == server.url("/api/v1/auth/tenants/acme/oauth/token"));
    BOOST_TEST(provider.endpoints().jwks == server.url("/api/v1/auth/tenants/acme/.well-known/jwks.json"));
    BOOST_TEST(server.requests().at(0).path == "/api/v1/auth/tenants/acme/.well-known/openid-configuration");
}

BOOST_AUTO_TEST_CASE(endpoints_that_are_no_urls_are_not_believed) {
    discovery = {.body =
                     R"({"token_endpoint":"file:///etc/passwd","jwks_uri":7,"authorization_endpoint":""})"};
    Provider provider(settings(), client, clock);
    BOOST_TEST(provider.endpoints().token == server.url("/api/v1/platform/oauth/token"));
    BOOST_TEST(provider.endpoints().jwks == server.url("/api/v1/platform/.well-known/jwks.json"));
}

BOOST_AUTO_TEST_CASE(code_exchange_sends_what_rfc_6749_says) {
    token = {.body = R"({"access_token":"a1","token_type":"bearer","expires_in":"1800","refresh_token":"r1",
        "id_token":"i1","scope":"openid"})"};
    Provider provider(settings(), client, clock);
    const auto tokens = provider.exchange_code("c+1", "ver", "https://flow.test/auth/callback").value();
    BOOST_TEST(tokens.access_token.reveal() == "a1");
    BOOST_TEST(tokens.refresh_token.reveal() == "r1");
    BOOST_TEST(tokens.id_token.reveal() == "i1");
    BOOST_TEST(tokens.expires_in == 1800);
    BOOST_TEST(tokens.token_type == "Bearer");
    const auto seen = server.requests().back();
    BOOST_TEST(seen.method == "POST");
    BOOST_TEST(seen.header("Content-Type") == "application/x-www-form-urlencoded");
    BOOST_TEST(seen.header("Authorization") == "Basic " + scai::crypto::base64("cid1:s%2Fe%20c"));
    BOOST_TEST(seen.body == "grant_type=authorization_code&code=c%2B1&"
                            "redirect_uri=https%3A%2F%2Fflow.test%2Fauth%2Fcallback&code_verifier=ver");
    BOOST_REQUIRE(provider.refresh("r1"));
    BOOST_TEST(server.requests().back().body == "grant_type=refresh_token&refresh_token=r1");
    BOOST_REQUIRE(provider.client_credentials("admin:read users:read"));
    BOOST_TEST(server.requests().back().body ==
               "grant_type=client_credentials&scope=admin%3Aread%20users%3Aread");
    BOOST_REQUIRE(provider.client_credentials(""));
    BOOST_TEST(server.requests().back().body == "grant_type=client_credentials");
}

BOOST_AUTO_TEST_CASE(refusals_keep_the_providers_words) {
    BOOST_TEST(refusal({.status = 400,
                        .body = R"({"error":"invalid_grant","error_description":"code already used"})"}) ==
               "400 invalid_grant: code already used");
    BOOST_TEST(refusal({.status = 401, .body = R"({"detail":"bad client"})"}) ==
               "400 invalid_client: bad client");
    BOOST_TEST(refusal({.status = 400,
                        .body = R"({"detail":{"error":"invalid_scope","error_description":"no"}})"}) ==
               "400 invalid_scope: no");
    BOOST_TEST(refusal({.status = 422, .body = R"({"detail":[{"loc":["body","code"]}]})"}) ==
               "400 invalid_request: the provider refused with status 422");
    BOOST_TEST(refusal({.status = 400, .body = "<html>"}) ==
               "400 invalid_request: the provider refused with status 400");
    BOOST_TEST(refusal({.status = 400,
                        .body = R"({"error":"x","error_description":")" + std::string(5000, 'y') + "\"}"}) ==
               "400 x: the provider refused with status 400");
}

BOOST_AUTO_TEST_CASE(outages_and_nonsense_are_the_upstreams_fault) {
    const std::string prefix = "502 scaikey_unavailable: ";
    BOOST_TEST(refusal({.status = 500}) == prefix + "the provider answered with status 500");
    BOOST_TEST(refusal({.status = 429}) == prefix + "the provider answered with status 429");
    BOOST_TEST(refusal({.status = 302}) == prefix + "the provider answered with status 302");
    BOOST_TEST(refusal({.fault = Fault::reset}) == prefix + "the provider did not answer (reset)");
    BOOST_TEST(refusal({.delay = 2000ms}) == prefix + "the provider did not answer (timeout)");
    for (const char* body : {"", "{", "[]", "{}", R"({"access_token":""})", R"({"access_token":7})",
                             R"({"access_token":"a","token_type":"mac"})"})
        BOOST_TEST(refusal({.body = body}) == prefix + "the provider's token answer cannot be read");
}

BOOST_AUTO_TEST_CASE(token_requests_are_never_repeated) {
    token = {.status = 503};
    Provider provider(settings(), client, clock);
    BOOST_TEST(!provider.exchange_code("c", "v", "https://flow.test/cb"));
    BOOST_TEST(server.count("/api/v1/platform/oauth/token") == 1U);
}

BOOST_AUTO_TEST_CASE(service_token_is_kept_until_a_minute_before_its_end) {
    Provider provider(settings(), client, clock);
    ServiceToken service(provider, clock, "admin:read");
    const auto calls = [&] { return server.count("/api/v1/platform/oauth/token"); };
    BOOST_TEST(service.get()->reveal() == "a1");
    BOOST_TEST(service.get()->reveal() == "a1");
    BOOST_TEST(calls() == 1U);
    clock.advance(3539s);
    (void)service.get();
    BOOST_TEST(calls() == 1U);
    clock.advance(1s);
    (void)service.get();
    BOOST_TEST(calls() == 2U);
    service.drop();
    (void)service.get();
    BOOST_TEST(calls() == 3U);
}

BOOST_AUTO_TEST_CASE(an_outage_while_renewing_early_costs_nothing_until_the_end) {
    Provider provider(settings(), client, clock);
    ServiceToken service(provider, clock, "");
    BOOST_TEST(service.get()->reveal() == "a1");
    token = {.status = 503};
    clock.advance(3570s);
    BOOST_TEST(service.get()->reveal() == "a1");
    clock.advance(31s);
    BOOST_TEST(service.get().error().code == "scaikey_unavailable");
    token = {.status = 401, .body = R"({"error":"invalid_client"})"};
    BOOST_TEST(service.get().error().code == "invalid_client");
}

BOOST_AUTO_TEST_CASE(threads_share_one_token_request) {
    token.delay = 50ms;
    Provider provider(settings(), client, clock);
    ServiceToken service(provider, clock, "");
    std::atomic<int> good{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] { good += service.get()->reveal() == "a1" ? 1 : 0; });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(good == 8);
    BOOST_TEST(server.count("/api/v1/platform/oauth/token") == 1U);
    BOOST_TEST(server.count(platform_discovery) == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
