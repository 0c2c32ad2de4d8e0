// kill -9 of the flows handler while clients save through nginx. SPDX-License-Identifier: Apache-2.0
#include "tests/api/scaiflow/caller.hpp"

#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace {

using scai::json::Value;

/// Every save has a marker of its own and is sent once: what nginx or a client would send again is found out.
class Savers {
public:
    Savers(std::string path, int clients) : path_(std::move(path)) {
        for (int client = 0; client < clients; ++client)
            threads_.emplace_back([this, client, member = test::member()] {
                for (int i = 0; !stop_; ++i)
                    save(member, std::to_string(client) + "-" + std::to_string(i));
            });
    }
    ~Savers() { finish(); }
    Savers(const Savers&) = delete;
    Savers& operator=(const Savers&) = delete;

    void finish() {
        stop_ = true;
        for (auto& thread : threads_)
            thread.join();
        threads_.clear();
    }
    std::size_t acknowledged() {
        const std::lock_guard guard(mutex_);
        return versions_.size();
    }
    const std::map<std::string, std::string>& versions() const { return versions_; } ///< by marker
    const std::map<int, int>& answers() const { return answers_; }

private:
    void save(const test::Caller& member, const std::string& marker) {
        const auto answer = member.text("PUT", path_, R"({"content":{"marker":")" + marker + "\"}}");
        const auto body = scai::json::parse(answer.body);
        const std::lock_guard guard(mutex_);
        ++answers_[answer.status];
        if (answer.status == 200 && body)
            versions_[marker] = body->member("version");
    }

    std::string path_;
    std::atomic<bool> stop_ = false;
    std::mutex mutex_;
    std::map<std::string, std::string> versions_;
    std::map<int, int> answers_;
    std::vector<std::thread> threads_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(api_scaiflow_flows_kill)

BOOST_AUTO_TEST_CASE(what_was_acknowledged_is_there_once_and_nothing_twice) {
    constexpr int clients = 6, kills = 3;
    auto& stack = test::stack();
    const auto made = test::member().send("POST", "/v1/flows",
                                          Value::object({{"name", "Killed"}, {"content", Value::object()}}));
    BOOST_TEST_REQUIRE(made.status == 201, made.body);
    const auto id = test::json_of(made).member("id");

    Savers savers("/v1/flows/" + id, clients);
    for (int kill = 0; kill <= kills; ++kill) {
        const auto before = savers.acknowledged();
        BOOST_TEST_REQUIRE(test::eventually([&] { return savers.acknowledged() > before + 50; }));
        if (kill < kills)
            ::kill(stack.pid_of("scaiflow-flows"), SIGKILL);
    }
    savers.finish();

    const auto stored = scai::json::parse(stack.sql(
        "SELECT json_object_agg(marker, versions) FROM (SELECT content::json ->> 'marker' AS marker, "
        "json_agg(version) AS versions FROM scaiflow.flow_versions WHERE flow_id = '" +
        id + "' AND number > 1 GROUP BY 1) AS m"));
    BOOST_TEST_REQUIRE(static_cast<bool>(stored));
    stored->each_member([](std::string_view marker, const Value& versions) {
        BOOST_TEST(versions.size() == 1U, marker << " is there as " << versions.dump());
    });
    for (const auto& [marker, version] : savers.versions())
        BOOST_TEST(stored->get(marker).at(0).text_or("") == version, marker);
    BOOST_TEST(stack.sql("SELECT count(*) = max(number) AND count(DISTINCT version) = count(*) FROM "
                         "scaiflow.flow_versions WHERE flow_id = '" +
                         id + "'") == "t");
    // A killed handler costs what was in flight and what came before the next one listened; nothing else.
    for (const auto& [status, count] : savers.answers())
        BOOST_TEST((status == 200 || status == 502), count << " answers " << status);
}

BOOST_AUTO_TEST_SUITE_END()
