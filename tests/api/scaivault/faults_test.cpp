// kill -9 of the handler, restarts of PostgreSQL and Redis while clients read and write secrets through
// nginx: what was acknowledged is there, what was served has its row in the trail, and nobody sees another
// 5xx than 503. SPDX-License-Identifier: Apache-2.0
#include "tests/api/scaivault/vault_caller.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

namespace vault = test::vault;

namespace {

constexpr int writers = 3, readers = 3, paths_each = 8;

/// What the clients were told, for the comparison afterwards.
class Ledger {
public:
    struct Version {
        std::string value, request_id;
    };
    void answered(int status) {
        const std::lock_guard guard(mutex_);
        ++answers_[status];
    }
    void bad(const std::string& what) {
        const std::lock_guard guard(mutex_);
        if (bad_.size() < 10)
            bad_.push_back(what);
    }
    void written(const std::string& path, std::int64_t version, Version what) {
        const std::lock_guard guard(mutex_);
        writes_[path][version] = std::move(what);
        ++count_;
    }
    void read(const std::string& request_id) {
        const std::lock_guard guard(mutex_);
        reads_.insert(request_id);
        ++count_;
    }
    /// A path somebody wrote and its newest acknowledged version; nothing yet: "".
    std::pair<std::string, std::int64_t> some(std::size_t number) {
        const std::lock_guard guard(mutex_);
        if (writes_.empty())
            return {"", 0};
        auto chosen = writes_.begin();
        std::advance(chosen, static_cast<std::ptrdiff_t>(number % writes_.size()));
        return {chosen->first, chosen->second.rbegin()->first};
    }
    /// Acknowledged writes and served reads so far.
    std::size_t count() {
        const std::lock_guard guard(mutex_);
        return count_;
    }
    int count(int status) {
        const std::lock_guard guard(mutex_);
        return answers_[status];
    }
    // Once nobody writes any more.
    const std::map<std::string, std::map<std::int64_t, Version>>& writes() const { return writes_; }
    const std::set<std::string>& reads() const { return reads_; }
    const std::map<int, int>& answers() const { return answers_; }
    const std::vector<std::string>& bad() const { return bad_; }

private:
    std::mutex mutex_;
    std::map<std::string, std::map<std::int64_t, Version>> writes_; ///< by path and version
    std::set<std::string> reads_;                                   ///< request ids
    std::map<int, int> answers_;
    std::vector<std::string> bad_;
    std::size_t count_ = 0;
};

class Load {
public:
    explicit Load(Ledger& ledger) : ledger_(ledger), caller_(vault::service()) {
        for (int i = 0; i < writers; ++i)
            threads_.emplace_back([this, i] {
                for (int n = 0; !stop_; ++n)
                    write(i, n);
            });
        for (int i = 0; i < readers; ++i)
            threads_.emplace_back([this, i] {
                for (int n = 0; !stop_; ++n)
                    read(i, n);
            });
    }
    ~Load() { finish(); }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    void finish() {
        stop_ = true;
        for (auto& thread : threads_)
            thread.join();
        threads_.clear();
    }

private:
    void write(int writer, int number) {
        const auto mark = std::to_string(writer) + "-" + std::to_string(number);
        const auto path = "faults/w" + std::to_string(writer) + "/s" + std::to_string(number % paths_each);
        const auto id = "req_faultw" + mark;
        const auto answer = caller_.send(
            "PUT", "/v1/secrets/" + path,
            R"({"data":{"mark":")" + mark + R"("},"options":{"max_versions":0}})", {{"X-Request-ID", id}});
        ledger_.answered(answer.status);
        if (answer.status == 200 || answer.status == 201)
            ledger_.written(path, answer.json.get("version").integer().value_or(0), {mark, id});
        else
            refused(answer, id);
    }
    void read(int reader, int number) {
        const auto [path, newest] = ledger_.some(static_cast<std::size_t>(reader * 7 + number));
        if (path.empty()) {
            std::this_thread::yield();
            return;
        }
        const auto id = "req_faultr" + std::to_string(reader) + "-" + std::to_string(number);
        const auto answer = caller_.get("/v1/secrets/" + path, {{"X-Request-ID", id}});
        ledger_.answered(answer.status);
        if (answer.status != 200)
            return refused(answer, id);
        ledger_.read(id);
        if (answer.json.get("version").integer().value_or(0) < newest)
            ledger_.bad(path + " was read older than its acknowledged version " + std::to_string(newest));
        if (answer.json.get("data").member("mark").empty())
            ledger_.bad("no value: " + answer.raw.body);
    }
    /// Every refusal is the product's: its code, its request id.
    void refused(const vault::Answer& answer, const std::string& id) {
        if (answer.status != 503 || answer.code() != "service_unavailable" ||
            answer.json.get("error").member("request_id") != id || answer.raw.header("Retry-After").empty())
            ledger_.bad(std::to_string(answer.status) + " " + answer.raw.body);
    }

    Ledger& ledger_;
    vault::Caller caller_;
    std::atomic<bool> stop_ = false;
    std::vector<std::thread> threads_;
};

bool goes_on(Ledger& ledger, std::size_t more) {
    const auto before = ledger.count();
    return test::eventually([&] { return ledger.count() > before + more; }, std::chrono::seconds(40));
}

void let_parts_die(Ledger& ledger) {
    auto& stack = vault::stack();
    for (int kill = 0; kill < 5; ++kill) {
        BOOST_TEST_REQUIRE(goes_on(ledger, 60), "no recovery from kill -9 of the handler");
        ::kill(stack.pid_of("scaivault-secrets"), SIGKILL);
    }
    BOOST_TEST_REQUIRE(goes_on(ledger, 60), "no recovery from kill -9 of the handler");
    BOOST_TEST(stack.service("restart", "postgres").status == 0); // SIGINT: sessions are cut off
    BOOST_TEST_REQUIRE(goes_on(ledger, 60), "no recovery from the restart of PostgreSQL");
    ::kill(stack.pid_of("postgres"), SIGQUIT); // crash recovery at the next start
    BOOST_TEST(test::eventually([&] { return ledger.count(503) > 0; }), "nobody noticed");
    BOOST_TEST_REQUIRE(goes_on(ledger, 60), "no recovery from the crash of PostgreSQL");
    BOOST_TEST(stack.service("restart", "redis").status == 0);
    BOOST_TEST_REQUIRE(goes_on(ledger, 60), "no recovery from the restart of Redis");
    BOOST_TEST(stack.service("stop", "redis").status == 0);
    BOOST_TEST_REQUIRE(goes_on(ledger, 60), "without Redis nobody is served");
    BOOST_TEST(vault::nobody().get("/v1/health/ready").status == 503);
    BOOST_TEST(stack.service("start", "redis").status == 0);
    ::kill(stack.pid_of("scaivault-secrets"), SIGKILL);
    ::kill(stack.pid_of("postgres"), SIGQUIT); // both at once
    BOOST_TEST_REQUIRE(goes_on(ledger, 60), "no recovery from losing handler and database at once");
}

/// Request ids of the trail, of one action.
std::set<std::string> trail_of(const std::string& action) {
    const auto all = scai::json::parse(vault::stack().sql(
        "SELECT coalesce(json_agg(request_id), '[]') FROM scaivault.audit_log WHERE action = '" + action +
        "' AND success AND request_id LIKE 'req_fault%'"));
    BOOST_TEST_REQUIRE(static_cast<bool>(all));
    std::set<std::string> out;
    all->each_item([&](const scai::json::Value& id) { out.insert(id.text_or("")); });
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(api_scaivault_faults)

BOOST_AUTO_TEST_CASE(what_was_acknowledged_is_there_and_what_was_served_is_in_the_trail) {
    auto& stack = vault::stack();
    vault::allow("faults", "faults/**", R"(["read","write"])", "sa:scaivault-demo");
    Ledger ledger;
    {
        Load load(ledger);
        let_parts_die(ledger);
    }
    for (const auto& [status, count] : ledger.answers())
        BOOST_TEST((status == 200 || status == 201 || status == 503), count << " answers " << status);
    for (const auto& what : ledger.bad())
        BOOST_ERROR(what);

    const auto written = trail_of("write"), read = trail_of("read");
    std::size_t lost = 0;
    for (const auto& [path, versions] : ledger.writes())
        for (const auto& [version, what] : versions) {
            const auto answer =
                vault::service().get("/v1/secrets/" + path + "?version=" + std::to_string(version));
            lost += answer.json.get("data").member("mark") != what.value ? 1 : 0;
            BOOST_TEST(written.contains(what.request_id), what.request_id);
        }
    BOOST_TEST(lost == 0U, lost << " acknowledged writes are not what is read");
    BOOST_TEST(ledger.reads().size() > 100U);
    for (const auto& id : ledger.reads())
        BOOST_TEST(read.contains(id), id);

    // The chain closes over all of it.
    BOOST_TEST(test::eventually([&] {
        stack.program("scaivault-job-audit-seal");
        const auto done = stack.program("scaivault", {"audit", "verify", "--json"});
        const auto report = scai::json::parse(done.out);
        BOOST_TEST_REQUIRE(done.status == 0, done.all());
        return report && report->get("unsealed").integer() == 0;
    }));
    BOOST_TEST(vault::nobody().get("/v1/health/ready").status == 200);
}

BOOST_AUTO_TEST_CASE(a_group_that_is_down_is_a_503_of_the_catalogue) {
    auto& stack = vault::stack();
    BOOST_TEST_REQUIRE(stack.service("stop", "scaivault-audit").status == 0);
    const auto answer = vault::nobody().get("/v1/audit/logs");
    const auto other = vault::nobody().get("/v1/version");
    stack.service("start", "scaivault-audit");
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(answer.code() == "service_unavailable");
    BOOST_TEST(answer.raw.header("Retry-After") == "2");
    // nginx makes ids like the handlers do.
    BOOST_TEST(answer.json.get("error").member("request_id").starts_with("req_"));
    BOOST_TEST(answer.json.get("error").member("request_id") == answer.raw.header("X-Request-ID"));
    BOOST_TEST(other.raw.header("X-Request-ID").starts_with("req_"));
    BOOST_TEST(other.status == 200);
    BOOST_TEST(test::eventually([] { return vault::nobody().get("/v1/audit/logs").status == 401; }));
}

BOOST_AUTO_TEST_SUITE_END()
