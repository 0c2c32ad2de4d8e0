// Many writers on one flow, over a real pool: nobody's change is lost. And the second wall: a query that
// forgets the tenant shows nothing. SPDX-License-Identifier: Apache-2.0
#include "lib/json/raw.hpp"
#include "tests/db/handlers/scaiflow/flows/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <functional>
#include <set>
#include <thread>

namespace {

using test::FlowAnswer;
using test::FlowsFixture;

constexpr int writers = 32;

void all_at_once(const std::function<void(int)>& work) {
    std::vector<std::thread> threads;
    std::atomic<bool> go = false;
    for (int i = 0; i < writers; ++i)
        threads.emplace_back([&, i] {
            go.wait(false);
            work(i);
        });
    go = true;
    go.notify_all();
    for (auto& thread : threads)
        thread.join();
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_flows_concurrency)

// Each writer reads a list of names, adds his own and writes it back with If-Match, again and again until it
// is in. At the end all 32 x 4 names are there: a lost update would have dropped one.
BOOST_AUTO_TEST_CASE(thirty_two_writers_with_if_match_lose_no_update) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann", "Flow", R"({"nodes":[]})");
    const auto path = "/v1/flows/" + flow;
    api.who = api.person("ann");
    constexpr int rounds = 4;
    std::atomic<int> written = 0, conflicts = 0, other = 0;
    all_at_once([&](int writer) {
        for (int round = 0; round < rounds; ++round)
            while (true) {
                const auto read = api.call("GET", path);
                if (read.status == 503)
                    continue; // more writers than sessions, and this one waited too long
                auto nodes = read.json.get("content").get("nodes");
                nodes.push("w" + std::to_string(writer) + "r" + std::to_string(round));
                const auto body =
                    scai::json::Value::object({{"content", scai::json::Value::object({{"nodes", nodes}})}});
                const auto put = api.call("PUT", path, body.dump(), {{"if-match", read.headers.at("ETag")}});
                if (put.status == 200) {
                    ++written;
                    break;
                }
                if (put.status == 412)
                    ++conflicts;
                else if (put.status != 503)
                    ++other;
            }
    });
    BOOST_TEST(other == 0);
    BOOST_TEST(written == writers * rounds);
    BOOST_TEST(conflicts > 0);
    const auto last = api.call("GET", path);
    std::set<std::string> names;
    last.json.get("content").get("nodes").each_item(
        [&](const scai::json::Value& name) { names.insert(name.text_or("")); });
    BOOST_TEST(names.size() == static_cast<std::size_t>(writers * rounds));
    BOOST_TEST(last.json.get("content").get("nodes").size() == names.size());
    BOOST_TEST(api.db.value("SELECT count(*) || ' ' || max(number) || ' ' || count(DISTINCT version) FROM "
                            "scaiflow.flow_versions") == std::to_string(writers * rounds + 1) + " " +
                                                             std::to_string(writers * rounds + 1) + " " +
                                                             std::to_string(writers * rounds + 1));
    BOOST_TEST(api.db.value("SELECT revision FROM scaiflow.flows") == std::to_string(writers * rounds + 1));
}

BOOST_AUTO_TEST_CASE(writers_with_the_same_etag_have_one_winner) {
    FlowsFixture api;
    const auto path = "/v1/flows/" + api.make_flow("ann");
    api.who = api.person("ann");
    std::atomic<int> won = 0, lost = 0, other = 0;
    all_at_once([&](int writer) {
        const auto put = api.call("PUT", path, R"({"content":{"n":)" + std::to_string(writer) + "}}",
                                  {{"if-match", "\"1\""}});
        ++(put.status == 200 ? won : put.status == 412 ? lost : other);
    });
    BOOST_TEST(won == 1);
    BOOST_TEST(lost + other == writers - 1);
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.flow_versions") == "2");
}

BOOST_AUTO_TEST_CASE(writers_without_if_match_each_get_a_version_of_their_own) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann");
    api.who = api.person("ann");
    std::vector<FlowAnswer> answers(writers);
    all_at_once([&](int writer) {
        answers[static_cast<std::size_t>(writer)] =
            api.call("PUT", "/v1/flows/" + flow, R"({"content":{"n":)" + std::to_string(writer) + "}}");
    });
    std::set<std::string> versions;
    int written = 0;
    for (const auto& answer : answers)
        if (answer.status == 200) {
            ++written;
            versions.insert(answer.json.member("version"));
            BOOST_TEST(api.db.value("SELECT content FROM scaiflow.flow_versions WHERE version = '" +
                                    answer.json.member("version") + "'") ==
                       std::string(scai::json::raw_member(answer.body, "content").value_or("")));
        } else {
            BOOST_TEST(answer.status == 503);
        }
    BOOST_TEST(versions.size() == static_cast<std::size_t>(written));
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.flow_versions") == std::to_string(written + 1));
}

BOOST_AUTO_TEST_CASE(query_without_a_tenant_clause_shows_nothing_of_another_tenant) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann");
    api.grant(flow, "user", "ben", 1);
    api.db.sql(
        "INSERT INTO scaiflow.flow_deployments (tenant_id, id, flow_id, version, status, deployed_by) VALUES "
        "('t1', 'dep_1', '" +
        flow +
        "', '1.0.0', 'succeeded', 'ann'); "
        "INSERT INTO scaiflow.flow_presence (tenant_id, flow_id, user_id, display_name) VALUES ('t1', '" +
        flow +
        "', 'ann', 'Ann'); "
        "INSERT INTO scaiflow.idempotency_keys (tenant_id, subject, key, request_sha256) VALUES ('t1', "
        "'ann', 'k', ''); "
        "INSERT INTO scaiflow.catalog_packages (tenant_id, package_id, name, version, author_id) VALUES "
        "('t1', 'p', 'P', '1.0.0', 'ann'); "
        "INSERT INTO scaiflow.catalog_versions (tenant_id, package_id, number, version, name, description, "
        "package, sha256, created_by) VALUES ('t1', 'p', 1, '1.0.0', 'P', '', '', '', 'ann')");
    scai::db::Pool flows(api.db.settings("scaiflow_flows"));
    scai::db::Pool catalog(api.db.settings("scaiflow_catalog"));
    const auto count = [](scai::db::Pool& pool, const scai::db::Scope& scope, const char* statement) {
        return pool.read(scope).one<std::int64_t>(statement);
    };
    const std::vector<std::pair<scai::db::Pool*, const char*>> tables = {
        {&flows, "SELECT count(*) FROM scaiflow.flows"},
        {&flows, "SELECT count(*) FROM scaiflow.flow_versions"},
        {&flows, "SELECT count(*) FROM scaiflow.flow_acls"},
        {&flows, "SELECT count(*) FROM scaiflow.flow_deployments"},
        {&flows, "SELECT count(*) FROM scaiflow.flow_presence"},
        {&flows, "SELECT count(*) FROM scaiflow.idempotency_keys"},
        {&catalog, "SELECT count(*) FROM scaiflow.catalog_packages"},
        {&catalog, "SELECT count(*) FROM scaiflow.catalog_versions"},
    };
    for (const auto& [pool, statement] : tables) {
        BOOST_TEST(count(*pool, scai::db::Scope::tenant("t1"), statement) == 1, statement);
        BOOST_TEST(count(*pool, scai::db::Scope::tenant("t2"), statement) == 0, statement);
        BOOST_TEST(count(*pool, scai::db::Scope::none(), statement) == 0, statement);
        BOOST_TEST(count(*pool, scai::db::Scope::all_tenants(), statement) == 1, statement);
    }
    // Nor can a row be written into another tenant, and versions are written once.
    const auto refused = [&](const char* statement) {
        try {
            scai::db::in_tx(flows, scai::db::Scope::tenant("t2"),
                            [&](scai::db::Tx& tx) { tx.run(statement); });
        } catch (const scai::db::Error& error) {
            return error.sqlstate() == "42501";
        }
        return false;
    };
    BOOST_TEST(
        refused("INSERT INTO scaiflow.flows (tenant_id, id, name, owner_id, version, created_by, updated_by) "
                "VALUES ('t1', 'x', 'x', 'x', '1.0.0', 'x', 'x')"));
    BOOST_TEST(refused("UPDATE scaiflow.flow_versions SET content = ''"));
    BOOST_TEST(refused("DELETE FROM scaiflow.flow_versions"));
    BOOST_TEST(refused("DELETE FROM scaiflow.flows"));
}

BOOST_AUTO_TEST_SUITE_END()
