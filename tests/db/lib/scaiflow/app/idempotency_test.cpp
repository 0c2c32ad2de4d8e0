// Idempotency-Key, alone and through POST /v1/flows. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/idempotency.hpp"

#include "tests/db/handlers/scaiflow/flows/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

namespace {

using test::FlowAnswer;
using test::FlowsFixture;

constexpr auto body = R"({"name":"Flow","content":{"nodes":[]}})";

FlowAnswer post(FlowsFixture& api, const std::string& key, const std::string& text = body,
                const std::string& user = "ann") {
    return api.as(user, "POST", "/v1/flows", text, {{"idempotency-key", key}});
}

std::string flows(const FlowsFixture& api) {
    return api.db.value("SELECT count(*) FROM scaiflow.flows");
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_app_idempotency)

BOOST_AUTO_TEST_CASE(twin_gets_the_first_answer_and_has_no_effect) {
    FlowsFixture api;
    const auto first = post(api, "k1");
    const auto twin = post(api, "k1");
    BOOST_TEST(first.status == 201);
    BOOST_TEST(!first.headers.contains("Idempotency-Replayed"));
    BOOST_TEST(twin.status == 201);
    BOOST_TEST(twin.body == first.body);
    for (const auto* name : {"ETag", "Location", "Content-Type"})
        BOOST_TEST(twin.headers.at(name) == first.headers.at(name));
    BOOST_TEST(twin.headers.at("Idempotency-Replayed") == "true");
    BOOST_TEST(flows(api) == "1");
    BOOST_TEST(post(api, "k2").json.member("id") != first.json.member("id"));
}

BOOST_AUTO_TEST_CASE(twins_at_once_have_one_effect) {
    FlowsFixture api;
    api.who = api.person("ann");
    std::vector<std::thread> threads;
    std::vector<FlowAnswer> answers(8);
    for (auto& answer : answers)
        threads.emplace_back([&] {
            answer = api.call("POST", "/v1/flows", body, {{"idempotency-key", "same"}});
        });
    for (auto& thread : threads)
        thread.join();
    int fresh = 0;
    for (const auto& answer : answers) {
        BOOST_TEST(answer.status == 201);
        BOOST_TEST(answer.body == answers.front().body);
        fresh += answer.headers.contains("Idempotency-Replayed") ? 0 : 1;
    }
    BOOST_TEST(fresh == 1);
    BOOST_TEST(flows(api) == "1");
}

BOOST_AUTO_TEST_CASE(key_with_another_request_is_422) {
    FlowsFixture api;
    const auto flow = post(api, "k").json.member("id");
    const auto other = post(api, "k", R"({"name":"Other","content":{}})");
    BOOST_TEST(other.status == 422);
    BOOST_TEST(other.detail() == "idempotency_key_reused");
    BOOST_TEST(
        api.as("ann", "POST", "/v1/flows/" + flow + "/restore", "", {{"idempotency-key", "k"}}).status ==
        422); // another path
    BOOST_TEST(flows(api) == "1");
}

BOOST_AUTO_TEST_CASE(key_belongs_to_its_caller) {
    FlowsFixture api;
    const auto first = post(api, "k");
    const auto other = post(api, "k", body, "ben");
    BOOST_TEST(other.status == 201);
    BOOST_TEST(other.json.member("owner_id") == "ben");
    BOOST_TEST(other.json.member("id") != first.json.member("id"));
}

BOOST_AUTO_TEST_CASE(refused_request_may_be_repaired_under_its_key) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann");
    const auto restore = [&](const std::string& who) {
        return api.as(who, "POST", "/v1/flows/" + flow + "/restore", "", {{"idempotency-key", "k"}}).status;
    };
    BOOST_TEST(restore("ann") == 409);
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.idempotency_keys") == "0");
    api.as("ann", "DELETE", "/v1/flows/" + flow);
    BOOST_TEST(restore("ann") == 200);
    BOOST_TEST(restore("ann") == 200); // replayed: without the key it would be 409
    BOOST_TEST(post(api, "k2", R"({"name":"","content":{}})").status == 422);
    BOOST_TEST(post(api, "k2").status == 201);
}

BOOST_AUTO_TEST_CASE(bad_key_is_400) {
    FlowsFixture api;
    for (const std::string& bad :
         std::vector<std::string>{"", "  ", "a b", "a\tb", "\xC3\xA9", "\x7f", std::string(256, 'k')}) {
        const auto answer = post(api, bad);
        BOOST_TEST(answer.status == 400);
        BOOST_TEST(answer.detail() == "bad_idempotency_key");
    }
    BOOST_TEST(flows(api) == "0");
    BOOST_TEST(post(api, std::string(255, '~')).status == 201);
}

BOOST_AUTO_TEST_SUITE_END()
