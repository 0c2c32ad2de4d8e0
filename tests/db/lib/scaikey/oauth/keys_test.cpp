// Signing keys: first key, announcement, overlap, several processes, and a consumer under rotation.
// SPDX-License-Identifier: Apache-2.0
#include "lib/oidc/verifier.hpp"
#include "lib/scaikey/oauth/keys.hpp"
#include "tests/db/lib/scaikey/oauth/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <thread>

using namespace scaikey_test;
namespace oauth = scaikey::oauth;
using scai::jose::Algorithm;
using Kind = oauth::Rotation::Kind;

BOOST_AUTO_TEST_SUITE(lib_scaikey_oauth_keys)

namespace {

constexpr auto jwks_path = "/v1/platform/.well-known/jwks.json";

std::set<std::string> published(const Process& process, const std::string& path = jwks_path) {
    std::set<std::string> out;
    json_of(process.get(path)).get("keys").each_item([&](const auto& key) { out.insert(key.member("kid")); });
    return out;
}

std::string service_token(const Process& process) {
    const auto response =
        process.post(token_path(), {{"grant_type", "client_credentials"}}, {{"authorization", basic("web")}});
    return response.status == 200 ? json_of(response).member("access_token") : "";
}

oauth::Rotation rotate(const Provider& provider, Algorithm algorithm = Algorithm::rs256,
                       std::optional<std::chrono::seconds> min_age = std::nullopt, int announce = 300) {
    scai::db::Pool pool(provider.db.settings("scaikey_jobs"));
    const TestClock clock(provider.now);
    oauth::KeyPolicy policy;
    policy.announce = std::chrono::seconds(announce);
    return oauth::rotate(pool, clock, policy, algorithm, min_age);
}

/// The consumer's HTTP, straight into the provider's router.
class RouterClient final : public scai::http::Client {
public:
    explicit RouterClient(const Process& process) : process_(process) {}
    scai::Result<scai::http::Response> send(const scai::http::Request& request) override {
        ++calls;
        Fields headers;
        for (const auto& [name, value] : request.headers)
            headers[scai::to_lower(name)] = value;
        const auto answer = process_.send(request.method, request.url.substr(std::string(issuer).size()),
                                          headers, request.body);
        scai::http::Response out;
        out.status = answer.status;
        out.headers = answer.headers;
        out.body = answer.body;
        return out;
    }
    std::atomic<int> calls{0};

private:
    const Process& process_;
};

/// A product that verifies our tokens.
struct Consumer {
    explicit Consumer(const Provider& provider)
        : clock(provider.now), client(provider.process), oidc({.base_url = issuer,
                                                               .tenant_slug = {},
                                                               .discovery_url = {},
                                                               .jwks_url = {},
                                                               .token_url = {},
                                                               .authorize_url = {},
                                                               .client_id = "web",
                                                               .client_secret = "web-secret"},
                                                              client, clock),
          store(scai::oidc::make_memory_key_store()), keys(oidc, client, *store, clock),
          verifier(oidc, keys, clock, {.audiences = {"web"}}) {}

    TestClock clock;
    RouterClient client;
    scai::oidc::Provider oidc;
    std::unique_ptr<scai::oidc::KeyStore> store;
    scai::oidc::KeyCache keys;
    scai::oidc::Verifier verifier;
};

} // namespace

BOOST_AUTO_TEST_CASE(discovery_and_jwks_of_both_flavours_fit_together) {
    const Provider provider;
    for (const auto& [path, base, iss] : std::vector<std::tuple<std::string, std::string, std::string>>{
             {"/v1/platform/oauth/.well-known/openid-configuration", "/api/v1/platform", issuer},
             {"/v1/auth/tenants/acme/.well-known/openid-configuration", "/api/v1/auth/tenants/acme",
              std::string(issuer) + "/tenants/tnt_acme"}}) {
        const auto document = json_of(provider.process.get(path));
        BOOST_TEST(document.member("issuer") == iss);
        BOOST_TEST(document.member("authorization_endpoint") == issuer + base + "/oauth/authorize");
        BOOST_TEST(document.member("token_endpoint") == issuer + base + "/oauth/token");
        BOOST_TEST(document.member("jwks_uri") == issuer + base + "/.well-known/jwks.json");
        BOOST_TEST(document.get("code_challenge_methods_supported").dump() == R"(["S256"])");
        for (const auto* name : {"userinfo_endpoint", "introspection_endpoint", "revocation_endpoint",
                                 "end_session_endpoint", "authorization_endpoint", "token_endpoint"}) {
            const auto target = document.member(name).substr(std::string(issuer).size());
            BOOST_TEST_CONTEXT(target) {
                BOOST_TEST(provider.process.get(target).status != 404);
            }
        }
        const auto keys =
            json_of(provider.process.get(document.member("jwks_uri").substr(std::string(issuer).size())));
        BOOST_TEST(keys.get("keys").size() == 1U);
        const auto key = keys.get("keys").at(0);
        BOOST_TEST(key.member("alg") == "RS256");
        BOOST_TEST(key.member("use") == "sig");
        for (const auto* part : {"d", "p", "q", "dp", "dq", "qi"})
            BOOST_TEST(!key.get(part).present());
    }
    BOOST_TEST(published(provider.process) ==
                   published(provider.process, "/v1/auth/tenants/acme/.well-known/jwks.json"),
               boost::test_tools::per_element());
    BOOST_TEST(provider.process.get("/v1/auth/tenants/nowhere/.well-known/jwks.json").status == 404);
}

BOOST_AUTO_TEST_CASE(many_processes_starting_at_once_make_one_first_key) {
    const Provider provider;
    std::vector<std::unique_ptr<Process>> processes;
    for (int i = 0; i < 4; ++i)
        processes.push_back(std::make_unique<Process>(provider.db.url, provider.now));
    std::vector<std::thread> threads;
    std::atomic<int> good{0};
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
            const auto& process = *processes[static_cast<std::size_t>(i % 4)];
            if (i < 4 ? !service_token(process).empty() : published(process).size() == 1)
                ++good;
        });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(good.load() == 8);
    BOOST_TEST(provider.db.value("SELECT count(*) FROM scaikey.signing_keys") == "1");
}

BOOST_AUTO_TEST_CASE(new_key_is_published_first_and_signs_after_the_announcement) {
    Provider provider;
    const auto before = service_token(provider.process);
    const auto rotation = rotate(provider);
    BOOST_TEST((rotation.kind == Kind::announced));
    BOOST_TEST(rotation.key.active_from == start_time + 300);
    BOOST_TEST((published(provider.process) == std::set<std::string>{kid_of(before), rotation.key.kid}));
    provider.pass(299);
    BOOST_TEST(kid_of(service_token(provider.process)) == kid_of(before));
    BOOST_TEST((rotate(provider).kind == Kind::pending));
    provider.pass(1);
    BOOST_TEST(kid_of(service_token(provider.process)) == rotation.key.kid);
    // the token of the old key is still good at our own API
    provider.pass(10);
    const auto status = [&](const std::string& token) {
        return provider.process
            .post("/v1/platform/oauth/introspect", {{"token", token}}, {{"authorization", basic("web")}})
            .body;
    };
    BOOST_TEST(has(status(before), R"("active":true)"));
}

BOOST_AUTO_TEST_CASE(old_key_leaves_when_its_last_token_has_expired) {
    Provider provider;
    provider.db.sql("UPDATE scaikey.applications SET token_lifetime = 7200 WHERE id = 'app_spa'");
    const auto old_kid = kid_of(service_token(provider.process));
    const auto next = rotate(provider);
    // signed in the last second of the old key, valid for the longest time any application has
    provider.pass(299 + 7200);
    BOOST_TEST(published(provider.process).contains(old_kid));
    provider.pass(302);
    BOOST_TEST((published(provider.process) == std::set<std::string>{next.key.kid}));
    const auto step = rotate(provider, Algorithm::rs256, std::chrono::hours(720));
    BOOST_TEST((step.kind == Kind::not_due));
    BOOST_TEST(step.retired == std::vector<std::string>{old_kid}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(raised_lifetime_during_the_announcement_keeps_the_old_key_longer) {
    Provider provider;
    const auto old_kid = kid_of(service_token(provider.process));
    rotate(provider);
    provider.db.sql("UPDATE scaikey.applications SET token_lifetime = 86400 WHERE id = 'app_web'");
    provider.pass(100);
    BOOST_TEST(kid_of(service_token(provider.process)) == old_kid);
    provider.pass(86300);
    BOOST_TEST(published(provider.process).contains(old_kid));
}

BOOST_AUTO_TEST_CASE(rotation_by_age_happens_only_when_due) {
    Provider provider;
    BOOST_TEST((rotate(provider, Algorithm::rs256, std::chrono::hours(1)).kind == Kind::created));
    BOOST_TEST((rotate(provider, Algorithm::rs256, std::chrono::hours(1)).kind == Kind::not_due));
    provider.pass(3600);
    BOOST_TEST((rotate(provider, Algorithm::rs256, std::chrono::hours(1)).kind == Kind::announced));
    BOOST_TEST((rotate(provider, Algorithm::rs256, std::chrono::seconds::max()).kind == Kind::pending));
}

BOOST_AUTO_TEST_CASE(every_process_follows_a_rotation_within_seconds) {
    Provider provider;
    const Process other(provider.db.url, provider.now);
    service_token(other);
    const auto next = rotate(provider, Algorithm::rs256, std::nullopt, 0);
    provider.pass(2);
    BOOST_TEST(kid_of(service_token(provider.process)) == next.key.kid);
    BOOST_TEST(kid_of(service_token(other)) == next.key.kid);
}

BOOST_AUTO_TEST_CASE(token_of_a_key_another_process_made_this_moment_is_known) {
    const Provider provider;
    const Process other(provider.db.url, provider.now);
    const auto old_token = service_token(provider.process); // both rings are warm now
    BOOST_TEST(other.get("/v1/platform/oauth/userinfo", {{"authorization", "Bearer " + old_token}}).status ==
               403);
    rotate(provider, Algorithm::rs256, std::nullopt, 0);
    const Process third(provider.db.url, provider.now);
    const auto token = service_token(third);
    BOOST_TEST(kid_of(token) != kid_of(old_token));
    // 403: a service token, so it was verified
    BOOST_TEST(other.get("/v1/platform/oauth/userinfo", {{"authorization", "Bearer " + token}}).status ==
               403);
}

BOOST_AUTO_TEST_CASE(algorithm_follows_the_setting_and_the_application) {
    const Provider provider(Fields{{"SCAIKEY_SIGNING_ALGORITHM", "ES256"}});
    BOOST_TEST((scai::jose::parse(service_token(provider.process))->header.algorithm == Algorithm::es256));
    provider.db.sql("UPDATE scaikey.applications SET signing_algorithm = 'RS256' WHERE id = 'app_web'");
    const auto token = service_token(provider.process);
    BOOST_TEST((scai::jose::parse(token)->header.algorithm == Algorithm::rs256));
    BOOST_TEST(published(provider.process).size() == 2U);
    Consumer consumer(provider);
    BOOST_TEST(!!consumer.verifier.verify(token));
    BOOST_CHECK_THROW(Provider(Fields{{"SCAIKEY_SIGNING_ALGORITHM", "HS256"}}), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(passphrase_seals_the_keys_at_rest) {
    const Provider provider(Fields{{"SCAIKEY_KEY_PASSPHRASE", "open sesame"}});
    BOOST_TEST(!service_token(provider.process).empty());
    BOOST_TEST(provider.db.value("SELECT private_key LIKE 'sealed:%' FROM scaikey.signing_keys") == "t");
    const Process same(provider.db.url, provider.now, {{"SCAIKEY_KEY_PASSPHRASE", "open sesame"}});
    BOOST_TEST(!service_token(same).empty());
    for (const auto* wrong : {"", "close sesame"}) {
        const Process other(provider.db.url, provider.now, {{"SCAIKEY_KEY_PASSPHRASE", wrong}});
        BOOST_TEST(other.get(jwks_path).status == 503);
    }
}

BOOST_AUTO_TEST_CASE(consumer_sees_no_failed_verification_over_rotations) {
    Provider provider;
    Consumer consumer(provider);
    std::vector<std::string> alive;
    int verified = 0, failed = 0;
    std::set<std::string> kids;
    // five hours in steps of a minute, a rotation every 50 minutes, tokens judged for as long as they live
    for (int minute = 0; minute < 300; ++minute) {
        if (minute % 50 == 20)
            BOOST_TEST((rotate(provider).kind == Kind::announced));
        alive.push_back(service_token(provider.process));
        kids.insert(kid_of(alive.back()));
        if (alive.size() > 59)
            alive.erase(alive.begin());
        for (const auto index : {std::size_t{0}, alive.size() / 2, alive.size() - 1}) {
            const auto verdict = consumer.verifier.verify(alive[index]);
            verdict ? ++verified : ++failed;
            if (!verdict)
                BOOST_TEST_MESSAGE(verdict.error().message);
        }
        provider.pass(60);
    }
    BOOST_TEST(failed == 0);
    BOOST_TEST(verified == 900);
    BOOST_TEST(kids.size() == 7U);
    BOOST_TEST(consumer.client.calls.load() < 30);
}

BOOST_AUTO_TEST_SUITE_END()
