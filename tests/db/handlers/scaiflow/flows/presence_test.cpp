// SPDX-License-Identifier: Apache-2.0
#include "tests/db/handlers/scaiflow/flows/people.hpp"

#include <atomic>
#include <thread>

using scai::json::Value;
using test::People;

namespace {

constexpr auto presence = "/v1/flows/f1/presence";

std::string present(People& api, const std::string& who = "ann") {
    std::string out;
    const auto answer = api.as(who, "GET", presence);
    BOOST_REQUIRE(answer.status == 200);
    answer.json.get("users").each_item([&](const Value& user) {
        BOOST_TEST(user.member("last_seen_at").ends_with("Z"));
        out += (out.empty() ? "" : " ") + user.member("user_id") + "=" + user.member("display_name");
    });
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_flows_presence)

BOOST_AUTO_TEST_CASE(who_beats_is_there_until_he_leaves) {
    People api;
    BOOST_TEST(present(api) == "");
    BOOST_TEST(api.as("vic", "POST", presence).status == 204);
    BOOST_TEST(api.as("ed", "POST", presence, "{}").status == 204);
    BOOST_TEST(api.as("vic", "POST", presence).status == 204);
    BOOST_TEST(present(api) == "ed=Ed vic=Vic");
    BOOST_TEST(api.as("vic", "DELETE", presence).status == 204);
    BOOST_TEST(api.as("vic", "DELETE", presence).status == 204);
    BOOST_TEST(present(api) == "ed=Ed");
    BOOST_TEST(api.as("t2/root", "POST", presence).status == 204);
    BOOST_TEST(present(api, "vic") == "ed=Ed root=Root");
}

BOOST_AUTO_TEST_CASE(who_is_silent_for_thirty_seconds_is_gone) {
    People api;
    for (const auto* who : {"vic", "ed"})
        BOOST_TEST(api.as(who, "POST", presence).status == 204);
    api.db.sql("UPDATE scaiflow.flow_presence SET last_seen_at = clock_timestamp() - interval '29 seconds'");
    BOOST_TEST(present(api) == "ed=Ed vic=Vic");
    api.db.sql("UPDATE scaiflow.flow_presence SET last_seen_at = clock_timestamp() - interval '31 seconds'");
    BOOST_TEST(present(api) == "");
    BOOST_TEST(api.as("ed", "POST", presence).status == 204);
    BOOST_TEST(present(api) == "ed=Ed");
    // The heartbeat swept up what had expired.
    BOOST_TEST(api.db.value("SELECT string_agg(user_id, ' ') FROM scaiflow.flow_presence") == "ed");
}

BOOST_AUTO_TEST_CASE(flows_and_tenants_do_not_mix) {
    People api;
    api.db.sql(test::flow_sql("f2"));
    BOOST_TEST(api.as("vic", "POST", "/v1/flows/f2/presence").status == 204);
    BOOST_TEST(present(api) == "");
    for (const auto* who : {"bo", "t2/boss2", "t2/stan"})
        for (const auto* method : {"GET", "POST", "DELETE"})
            BOOST_TEST(api.as(who, method, presence).status == 404, who << method);
    BOOST_TEST(api.as("ann", "POST", "/v1/flows/nobody/presence").status == 404);
}

BOOST_AUTO_TEST_CASE(heartbeats_of_many_at_once_do_not_fail_each_other) {
    People api;
    api.db.sql(
        "INSERT INTO scaiflow.flow_presence (tenant_id, flow_id, user_id, display_name, last_seen_at) SELECT "
        "'t1', 'f1', 'old' || n, 'Old', now() - interval '1 hour' FROM generate_series(1, 200) n");
    std::atomic<int> good = 0;
    std::vector<std::thread> threads;
    for (const auto* who : {"vic", "ed", "dep", "adm"})
        threads.emplace_back([&, who] {
            const auto token = api.token(who, "t1", {"scaicore:view"});
            for (int i = 0; i < 10; ++i)
                good += api.call_as(token, "POST", presence).status == 204 ? 1 : 0;
        });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(good == 40);
    BOOST_TEST(present(api) == "adm=Adm dep=Dep ed=Ed vic=Vic");
}

BOOST_AUTO_TEST_SUITE_END()
