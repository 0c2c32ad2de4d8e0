// Sign-in and key rotation through nginx with the real programs. SPDX-License-Identifier: Apache-2.0
#include "lib/jose/jose.hpp"
#include "tests/support/stack.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <mutex>
#include <thread>

BOOST_AUTO_TEST_SUITE(api_scaikey_sign_in)

namespace {

constexpr auto email = "bo@acme.test"; // sql/scaikey/demo.json
constexpr auto password = "demo-user-1";

std::string kid_of(const std::string& token) {
    const auto parsed = scai::jose::parse(token);
    return parsed ? parsed->header.kid : "";
}

/// The newest access token, replaced while others use it.
class Latest {
public:
    void put(const std::string& token) {
        const std::lock_guard lock(mutex_);
        token_ = token;
    }
    std::string get() {
        const std::lock_guard lock(mutex_);
        return token_;
    }

private:
    std::mutex mutex_;
    std::string token_;
};

} // namespace

BOOST_AUTO_TEST_CASE(person_of_the_demo_directory_signs_in_and_is_known) {
    auto& stack = test::stack();
    const auto tokens = stack.sign_in(email, password);
    BOOST_TEST(!tokens.refresh_token.empty());
    BOOST_TEST(!tokens.id_token.empty());
    const auto me = stack.get("/v1/me", {test::bearer(tokens.access_token)});
    BOOST_TEST(me.status == 200);
    BOOST_TEST(me.body.find("usr_demobo") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(discovery_through_nginx_names_reachable_endpoints) {
    auto& stack = test::stack();
    const auto answer =
        stack.send("GET", stack.key_url() + "/api/v1/platform/oauth/.well-known/openid-configuration");
    BOOST_REQUIRE(answer.status == 200);
    const auto document = scai::json::parse(answer.body).value();
    BOOST_TEST(document.member("issuer") == stack.key_url());
    const auto keys = stack.send("GET", document.member("jwks_uri"));
    BOOST_TEST(keys.status == 200);
    BOOST_TEST(scai::json::parse(keys.body).value().get("keys").size() >= 1U);
    BOOST_TEST(stack.send("GET", document.member("userinfo_endpoint")).status == 401);
}

BOOST_AUTO_TEST_CASE(key_rotation_under_load_fails_no_request) {
    const test::Stack stack(test::Environment{{"SCAIKEY_KEY_ANNOUNCE_SECONDS", "3"}});
    Latest latest;
    latest.put(stack.sign_in(email, password).access_token);
    const auto old_kid = kid_of(latest.get());
    std::atomic<bool> stop{false};
    std::atomic<int> good{0}, bad{0}, signed_new{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i)
        readers.emplace_back([&] {
            while (!stop) {
                const auto me = stack.get("/v1/me", {test::bearer(latest.get())});
                me.status == 200 ? ++good : ++bad;
            }
        });
    // An announce period is longer than a consumer's cooldown between two fetches of the keys; three seconds
    // are not, so the last fetch is moved into the past instead.
    stack.sql("UPDATE scaiflow.jwks_cache SET attempted_at = attempted_at - interval '10 minutes'");
    const auto rotated = stack.program("scaikey-job-rotate-keys", {"--json"});
    BOOST_TEST(rotated.status == 0);
    BOOST_TEST(rotated.out.find("announced") != std::string::npos);
    BOOST_TEST(test::eventually(
        [&] {
            const auto token = stack.sign_in(email, password).access_token;
            latest.put(token);
            return (kid_of(token) != old_kid ? ++signed_new : signed_new.load()) >= 5 && good >= 300;
        },
        std::chrono::seconds(90)));
    stop = true;
    for (auto& reader : readers)
        reader.join();
    BOOST_TEST_MESSAGE("requests under rotation: " << good << " good, " << bad << " failed");
    BOOST_TEST(bad.load() == 0);
    BOOST_TEST(good.load() >= 300);
    BOOST_TEST(signed_new.load() >= 5);
}

BOOST_AUTO_TEST_SUITE_END()
