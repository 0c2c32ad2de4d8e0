// Verifier and key cache against a provider on loopback: rotation, floods of unknown kids, outages.
// SPDX-License-Identifier: Apache-2.0
#include "lib/oidc/verifier.hpp"

#include "tests/support/fake_clock.hpp"
#include "tests/support/http_server.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

using namespace std::chrono_literals;
namespace jose = scai::jose;
namespace oidc = scai::oidc;
using scai::ErrorKind;
using scai::json::Value;
using scai::test::FakeClock;
using scai::test::Fault;
using scai::test::HttpReply;
using scai::test::HttpRequest;
using scai::test::HttpServer;

namespace {

constexpr const char* jwks_path = "/api/v1/platform/.well-known/jwks.json";

/// A key pair a test run; making RSA keys is slow.
const Value& key(int which) {
    static const Value keys[] = {jose::generate_key(jose::Algorithm::rs256),
                                 jose::generate_key(jose::Algorithm::rs256),
                                 jose::generate_key(jose::Algorithm::es256)};
    return keys[which];
}

std::string document(std::initializer_list<int> which) {
    Value list = Value::array();
    for (const int i : which)
        list.push(jose::public_key(key(i)));
    return Value::object({{"keys", list}}).dump();
}

/// What one process has: its own cache and verifier over a store all may share.
struct Process {
    scai::http::CurlClient client;
    oidc::Provider provider;
    oidc::KeyCache keys;
    oidc::Verifier verifier;

    static oidc::ProviderSettings settings(const std::string& base) {
        oidc::ProviderSettings out;
        out.base_url = base;
        out.client_id = "cid1";
        out.client_secret = "secret";
        out.timeout = 1000ms;
        return out;
    }
    Process(const std::string& base, oidc::KeyStore& store, const scai::Clock& clock, oidc::KeyPolicy policy)
        : provider(settings(base), client, clock), keys(provider, client, store, clock, policy),
          verifier(provider, keys, clock, {{"cid1"}, 60s}) {}
};

struct Fixture {
    FakeClock clock;
    HttpReply jwks{.body = document({0})};
    HttpServer server{[this](const HttpRequest& request) {
        HttpReply reply = request.path == jwks_path ? jwks : HttpReply{.status = 404};
        reply.close = true; // curl repeats a request by itself when a kept connection breaks: not here
        return reply;
    }};
    std::unique_ptr<oidc::KeyStore> store = oidc::make_memory_key_store();
    oidc::KeyPolicy policy;

    Process process() { return Process(server.url(), *store, clock, policy); }
    std::size_t fetches() const { return server.count(jwks_path); }

    Value claims(std::int64_t lifetime = 3600) const {
        static std::atomic<int> serial{0};
        return Value::object({{"iss", server.url()},
                              {"aud", "cid1"},
                              {"sub", "usr_bo1"},
                              {"tenant_id", "tnt_t1"},
                              {"jti", ++serial},
                              {"exp", clock.seconds() + lifetime}});
    }
    std::string token(int which, std::int64_t lifetime = 3600) const {
        return jose::sign(claims(lifetime), key(which));
    }
    std::string stranger() const { // ES256: cheap to make many of
        Value unknown = key(2);
        Value copy = Value::object();
        unknown.each_member([&](std::string_view name, const Value& value) { copy.set(name, value); });
        static std::atomic<int> serial{0};
        return jose::sign(claims(), copy.set("kid", "stranger-" + std::to_string(++serial)));
    }
    static std::string outcome(oidc::Verifier& verifier, std::string_view text) {
        const auto result = verifier.verify(text);
        return result ? "ok" : result.error().message;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(lib_oidc_verifier, Fixture)

BOOST_AUTO_TEST_CASE(good_tokens_give_claims) {
    jwks.body = document({0, 2});
    Process one = process();
    for (const int which : {0, 2}) {
        const auto result = one.verifier.verify(token(which));
        BOOST_REQUIRE(result);
        BOOST_TEST((*result)->subject == "usr_bo1");
        BOOST_TEST((*result)->tenant_id == "tnt_t1");
    }
    BOOST_TEST(fetches() == 1U);
}

BOOST_AUTO_TEST_CASE(refusals_say_what_was_wrong) {
    Process one = process();
    BOOST_TEST(outcome(one.verifier, "") == "invalid token: not a JWT");
    BOOST_TEST(outcome(one.verifier, "skt_personal") == "invalid token: not a JWT");
    BOOST_TEST(fetches() == 0U); // no key is needed to say so
    std::string bent = token(0);
    bent[bent.size() - 10] = bent[bent.size() - 10] == 'A' ? 'B' : 'A';
    BOOST_TEST(outcome(one.verifier, bent) == "invalid token: Signature verification failed");
    BOOST_TEST(outcome(one.verifier, token(1)) == "invalid token: unknown signing key");
    BOOST_TEST(outcome(one.verifier, token(0, -61)) == "invalid token: Signature has expired");
    BOOST_TEST(outcome(one.verifier, jose::sign(claims().set("aud", "user-portal"), key(0))) ==
               "invalid token: Audience doesn't match");
    BOOST_TEST(outcome(one.verifier, jose::sign(claims().set("iss", "https://evil.test"), key(0))) ==
               "invalid token: Issuer doesn't match");
    BOOST_TEST(outcome(one.verifier, token(0)) == "ok");
}

BOOST_AUTO_TEST_CASE(the_issuer_of_the_discovery_document_counts) {
    HttpServer other([this](const HttpRequest& request) {
        if (request.path == "/jwks")
            return HttpReply{.body = document({0})};
        return HttpReply{.body = R"({"issuer":"https://login.test","jwks_uri":"http://)" +
                                 request.header("Host") + "/jwks\"}"};
    });
    Process one(other.url(), *store, clock, policy);
    BOOST_TEST(outcome(one.verifier, jose::sign(claims().set("iss", "https://login.test"), key(0))) == "ok");
    BOOST_TEST(outcome(one.verifier,
                       jose::sign(claims().set("iss", "https://login.test/tenants/tnt_t1"), key(0))) == "ok");
    BOOST_TEST(outcome(one.verifier, jose::sign(claims().set("iss", other.url()), key(0))) == "ok");
}

BOOST_AUTO_TEST_CASE(a_verdict_is_cached_but_never_past_its_time) {
    Process one = process();
    const std::string lasting = token(0);
    const auto first = one.verifier.verify(lasting);
    BOOST_TEST((one.verifier.verify(lasting)->get() == first->get())); // the same object
    clock.advance(59s);
    BOOST_TEST((one.verifier.verify(lasting)->get() == first->get()));
    clock.advance(1s);
    BOOST_TEST((one.verifier.verify(lasting)->get() != first->get()));
    const std::string brief = token(0, 10);
    const auto second = one.verifier.verify(brief);
    clock.advance(10s);
    BOOST_TEST((one.verifier.verify(brief)->get() != second->get())); // leeway: judged again, every time
    clock.advance(60s);
    BOOST_TEST(outcome(one.verifier, brief) == "invalid token: Signature has expired");
}

BOOST_AUTO_TEST_CASE(the_verdict_cache_is_bounded) {
    jwks.body = document({0, 2});
    Process one = process();
    const std::string first = token(2);
    const auto verdict = one.verifier.verify(first).value();
    // Each verdict in the cache holds one reference; enough others push it out.
    std::weak_ptr<const oidc::Claims> seen = verdict;
    BOOST_TEST(seen.use_count() == 2);
    Value payload = claims();
    for (int i = 0; i < 26000 && seen.use_count() > 1; ++i)
        BOOST_REQUIRE(one.verifier.verify(jose::sign(payload.set("jti", -i), key(2))));
    BOOST_TEST(seen.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_rotation_costs_no_failed_request) {
    Process one = process();
    BOOST_TEST(outcome(one.verifier, token(0)) == "ok");
    jwks = {.body = document({0, 1}), .delay = 30ms};
    std::vector<std::string> tokens;
    for (int i = 0; i < 64; ++i)
        tokens.push_back(token(i % 4 == 0 ? 0 : 1));
    std::atomic<std::size_t> next{0};
    std::atomic<int> failed{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 16; ++t)
        threads.emplace_back([&] {
            for (std::size_t i = next++; i < tokens.size(); i = next++)
                failed += one.verifier.verify(tokens[i]) ? 0 : 1;
        });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(failed == 0);
    BOOST_TEST(fetches() == 2U);
}

BOOST_AUTO_TEST_CASE(a_rotation_costs_one_fetch_over_all_processes) {
    std::vector<std::unique_ptr<Process>> processes;
    for (int i = 0; i < 6; ++i)
        processes.push_back(std::make_unique<Process>(server.url(), *store, clock, policy));
    for (auto& one : processes)
        BOOST_TEST(outcome(one->verifier, token(0)) == "ok");
    BOOST_TEST(fetches() == 1U);
    clock.advance(1s); // a row is newer than another by its time
    jwks = {.body = document({1}), .delay = 100ms};
    std::vector<std::string> tokens;
    for (std::size_t i = 0; i < processes.size() * 2; ++i)
        tokens.push_back(token(1));
    std::atomic<int> failed{0};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < tokens.size(); ++i)
        threads.emplace_back(
            [&, i] { failed += processes[i % processes.size()]->verifier.verify(tokens[i]) ? 0 : 1; });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(failed == 0);
    BOOST_TEST(fetches() == 2U);
}

BOOST_AUTO_TEST_CASE(a_flood_of_unknown_kids_fetches_once_a_cooldown) {
    Process one = process();
    Process two = process();
    BOOST_TEST(outcome(one.verifier, token(0)) == "ok");
    const auto before = fetches();
    std::vector<std::string> flood;
    for (int i = 0; i < 200; ++i)
        flood.push_back(stranger());
    const auto attack = [&] {
        std::atomic<std::size_t> next{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 8; ++t)
            threads.emplace_back([&, t] {
                for (std::size_t i = next++; i < 10000; i = next++)
                    (void)(t % 2 == 0 ? one : two)
                        .keys.keys_for({jose::Algorithm::es256, "stranger-" + std::to_string(i)});
            });
        for (auto& thread : threads)
            thread.join();
    };
    attack();
    BOOST_TEST(fetches() - before <= 1U);
    for (const auto& text : flood)
        BOOST_TEST(outcome(one.verifier, text) == "invalid token: unknown signing key");
    clock.advance(29s);
    attack();
    BOOST_TEST(fetches() - before <= 1U);
    clock.advance(1s);
    attack();
    BOOST_TEST(fetches() - before == 2U);
    BOOST_TEST(outcome(one.verifier, token(0)) == "ok");
    // A real rotation is seen after the cooldown, in spite of the flood.
    jwks.body = document({1});
    clock.advance(31s);
    BOOST_TEST(outcome(one.verifier, token(1)) == "ok");
    BOOST_TEST(outcome(two.verifier, token(1)) == "ok");
    BOOST_TEST(fetches() - before == 3U);
}

BOOST_AUTO_TEST_CASE(old_keys_serve_while_the_provider_is_down) {
    Process one = process();
    BOOST_TEST(outcome(one.verifier, token(0)) == "ok");
    for (const auto& broken :
         {HttpReply{.status = 503}, HttpReply{.fault = Fault::reset}, HttpReply{.body = "{"},
          HttpReply{.body = R"({"keys":[]})"}, HttpReply{.body = document({0}), .delay = 3s}}) {
        jwks = broken;
        clock.advance(2h);
        const auto before = fetches();
        BOOST_TEST(outcome(one.verifier, token(0)) == "ok");
        BOOST_TEST(outcome(one.verifier, token(0)) == "ok");
        BOOST_TEST(fetches() - before == 1U);
        clock.advance(31s);
        BOOST_TEST(outcome(one.verifier, token(0)) == "ok");
        BOOST_TEST(fetches() - before == 2U);
    }
    jwks = {.status = 503};
    clock.advance(24h); // the hard limit
    const auto late = one.verifier.verify(token(0));
    BOOST_REQUIRE(!late);
    BOOST_TEST((late.error().kind == ErrorKind::unavailable));
    BOOST_TEST(late.error().code == "jwks_unavailable");
    jwks = {.body = document({0})};
    clock.advance(6s);
    BOOST_TEST(outcome(one.verifier, token(0)) == "ok");
}

BOOST_AUTO_TEST_CASE(a_provider_that_never_answered_is_asked_seldom) {
    jwks = {.status = 500};
    Process one = process();
    for (int i = 0; i < 20; ++i)
        BOOST_TEST(one.verifier.verify(token(0)).error().code == "jwks_unavailable");
    BOOST_TEST(fetches() == 1U);
    jwks = {.body = document({0})};
    clock.advance(5s);
    BOOST_TEST(outcome(one.verifier, token(0)) == "ok");
}

BOOST_AUTO_TEST_CASE(a_removed_key_ends_with_the_refresh) {
    Process one = process();
    const std::string old = token(0, 7200);
    BOOST_TEST(outcome(one.verifier, old) == "ok");
    jwks.body = document({1});
    clock.advance(3601s);
    BOOST_TEST(outcome(one.verifier, old) == "invalid token: unknown signing key");
}

BOOST_AUTO_TEST_CASE(one_thread_refreshes_while_the_others_go_on) {
    Process one = process();
    BOOST_TEST(outcome(one.verifier, token(0)) == "ok");
    clock.advance(3601s);
    jwks.delay = 600ms;
    std::vector<std::string> tokens;
    for (int i = 0; i < 6; ++i)
        tokens.push_back(token(0));
    std::atomic<int> good{0}, quick{0};
    std::vector<std::thread> threads;
    for (const auto& text : tokens)
        threads.emplace_back([&] {
            const auto start = std::chrono::steady_clock::now();
            good += one.verifier.verify(text) ? 1 : 0;
            quick += std::chrono::steady_clock::now() - start < 400ms ? 1 : 0;
        });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(good == 6);
    BOOST_TEST(quick == 5);
    BOOST_TEST(fetches() == 2U);
}

BOOST_AUTO_TEST_CASE(a_new_process_uses_the_shared_row) {
    Process one = process();
    BOOST_TEST(outcome(one.verifier, token(0)) == "ok");
    jwks = {.status = 503};
    Process two = process();
    BOOST_TEST(outcome(two.verifier, token(0)) == "ok");
    BOOST_TEST(fetches() == 1U);
}

BOOST_AUTO_TEST_CASE(a_dead_store_does_not_stop_verification) {
    struct DeadStore final : oidc::KeyStore {
        std::optional<Row> load(const std::string&) override { throw std::runtime_error("database gone"); }
        bool claim(const std::string&, scai::UtcTime, std::chrono::seconds) override {
            throw std::runtime_error("database gone");
        }
        void save(const std::string&, const std::string&, scai::UtcTime) override {
            throw std::runtime_error("database gone");
        }
    } dead;
    Process one(server.url(), dead, clock, policy);
    BOOST_TEST(outcome(one.verifier, token(0)) == "ok");
    jwks.body = document({0, 1});
    BOOST_TEST(outcome(one.verifier, token(1)) == "ok");
    for (int i = 0; i < 50; ++i)
        (void)one.verifier.verify(stranger());
    BOOST_TEST(fetches() == 2U);
}

BOOST_AUTO_TEST_CASE(a_process_that_died_while_fetching_holds_nobody_up_for_long) {
    policy.patience = 200ms;
    Process one = process();
    BOOST_TEST(outcome(one.verifier, token(0)) == "ok");
    jwks.body = document({0, 1});
    BOOST_TEST(store->claim(server.url(jwks_path), clock.now(), 30s)); // claimed, then nothing
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 10; ++i)
        BOOST_TEST(outcome(one.verifier, token(1)) == "invalid token: unknown signing key");
    BOOST_TEST((std::chrono::steady_clock::now() - start < 2s));
    clock.advance(30s);
    BOOST_TEST(outcome(one.verifier, token(1)) == "ok");
}

BOOST_AUTO_TEST_CASE(tokens_without_kid_are_tried_against_all_keys) {
    jwks.body = document({0, 1});
    Process one = process();
    Value nameless = Value::object();
    key(1).each_member([&](std::string_view name, const Value& value) {
        if (name != "kid")
            nameless.set(name, value);
    });
    nameless.set("kid", "");
    BOOST_TEST(outcome(one.verifier, jose::sign(claims(), nameless)) == "ok");
}

BOOST_AUTO_TEST_SUITE_END()
