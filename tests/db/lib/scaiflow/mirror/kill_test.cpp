// The real job binary against a real upstream and a real database: killed at each phase, started twice, its
// exit codes and what it prints. SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/json/value.hpp"
#include "tests/support/fake_directory.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/process.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using scai::test::FakeDirectory;
using scai::test::HttpReply;
using scai::test::HttpRequest;

using namespace std::chrono_literals;

namespace {

struct Host {
    test::Database database = test::migrated_database("scaiflow");
    FakeDirectory upstream;
    std::string slow_path; ///< a call whose path ends so is answered late
    std::chrono::milliseconds slow{20000};

    Host() {
        scai::test::fill_small(upstream);
        upstream.fault = [this](const HttpRequest& request, int) -> std::optional<HttpReply> {
            if (slow_path.empty() || !request.path.ends_with(slow_path))
                return std::nullopt;
            const std::string wanted = std::exchange(slow_path, "");
            auto reply = upstream.answer(request);
            slow_path = wanted;
            reply.delay = slow;
            return reply;
        };
    }

    static std::string program() {
        const char* folder = std::getenv("SCAI_BIN"); // NOLINT(concurrency-mt-unsafe)
        return std::string(folder != nullptr ? folder : "build/bin") + "/scaiflow-job-sync";
    }
    test::Environment environment() const {
        auto out = test::clean_environment();
        out["DATABASE_URL"] = database.url;
        out["SCAIKEY_BASE_URL"] = upstream.server.url();
        out["SCAIFLOW_SCAIKEY_CLIENT_ID"] = "cid1";
        out["SCAIFLOW_SCAIKEY_CLIENT_SECRET"] = "secret";
        out["SCAIFLOW_SUPER_ADMIN_GROUPS"] = "grp_adm";
        out["SCAIKEY_PER_PAGE"] = "3";
        return out;
    }
    test::Finished run(std::vector<std::string> arguments = {"--json"}) const {
        arguments.insert(arguments.begin(), program());
        return test::run(arguments, environment());
    }
    pid_t start() const {
        const auto variables = environment();
        std::vector<std::string> texts;
        for (const auto& [key, value] : variables)
            texts.push_back(key + "=" + value);
        std::vector<char*> env;
        for (std::string& text : texts)
            env.push_back(text.data());
        env.push_back(nullptr);
        std::string path = program();
        char* argv[] = {path.data(), nullptr};
        const pid_t pid = fork();
        if (pid == 0) {
            const int null = open("/dev/null", O_WRONLY);
            dup2(null, STDOUT_FILENO);
            dup2(null, STDERR_FILENO);
            execve(path.c_str(), argv, env.data());
            _exit(127);
        }
        return pid;
    }
    void check_whole() const {
        BOOST_TEST(database.value("SELECT count(*) FROM scaiflow.users WHERE deleted_at IS NULL") == "8");
        BOOST_TEST(database.value("SELECT count(*) FROM scaiflow.groups WHERE deleted_at IS NULL") == "2");
        BOOST_TEST(database.value("SELECT count(*) FROM scaiflow.memberships WHERE deleted_at IS NULL") ==
                   "9");
        BOOST_TEST(database.value(
                       "SELECT string_agg(id, ' ') FROM scaiflow.users WHERE admin_role = 'super_admin'") ==
                   "usr_0");
    }
};

bool eventually(const std::function<bool()>& holds) {
    for (int i = 0; i < 1500; ++i) {
        if (holds())
            return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
}

scai::json::Value object(const std::string& text) {
    auto parsed = scai::json::parse(scai::trim(text));
    BOOST_TEST_REQUIRE(static_cast<bool>(parsed), text);
    return *parsed;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_mirror_job)

BOOST_AUTO_TEST_CASE(killed_while_reading_leaves_nothing_and_the_next_run_converges) {
    for (const char* phase :
         {"/oauth/token", "/admin/tenants/", "/effective-users", "/admin/groups/", "/grp_all/members"}) {
        BOOST_TEST_CONTEXT("killed in " << phase) {
            Host host;
            host.slow_path = phase;
            host.upstream.token_delay = std::string_view(phase) == "/oauth/token" ? host.slow : 0ms;
            const pid_t pid = host.start();
            BOOST_TEST(eventually([&] {
                for (const auto& request : host.upstream.server.requests()) {
                    if (request.path.ends_with(phase))
                        return true;
                }
                return false;
            }));
            kill(pid, SIGKILL);
            waitpid(pid, nullptr, 0);
            BOOST_TEST(host.database.value("SELECT count(*) FROM scaiflow.users") == "0");
            host.slow_path = "";
            host.upstream.token_delay = 0ms;
            const auto again = host.run();
            BOOST_TEST(again.status == 0, again.all());
            host.check_whole();
            BOOST_TEST(host.database.value(
                           "SELECT string_agg(outcome, ' ' ORDER BY number) FROM scaiflow.sync_runs") ==
                       "killed done");
            BOOST_TEST(host.database.value(
                           "SELECT count(*) FROM scaiflow.job_runs WHERE finished_at IS NULL") == "0");
        }
    }
}

BOOST_AUTO_TEST_CASE(killed_while_writing_leaves_nothing_half_and_the_next_run_converges) {
    // The job waits for the lock that the test holds: before the tenant is applied, and before the roles are.
    const std::string mirror = "SELECT scaiflow.lock_mirror('tnt_t1', true)";
    const std::string roles =
        "SELECT pg_advisory_xact_lock(" + std::to_string(scai::db::lock_key("scaiflow/roles")) + ")";
    for (const bool at_roles : {false, true}) {
        BOOST_TEST_CONTEXT("killed while " << (at_roles ? "the roles" : "the tenant") << " is written") {
            Host host;
            scai::db::Pool pool(host.database.settings("", 2));
            pid_t pid = 0;
            scai::db::in_tx(pool, scai::db::Scope::all_tenants(), [&](scai::db::Tx& tx) {
                tx.script(at_roles ? roles : mirror);
                pid = host.start();
                BOOST_TEST(eventually([&] {
                    return host.database.value(
                               "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT "
                               "granted") == "1";
                }));
                kill(pid, SIGKILL);
                waitpid(pid, nullptr, 0);
            });
            BOOST_TEST(host.database.value("SELECT count(*) FROM scaiflow.users") == (at_roles ? "8" : "0"));
            BOOST_TEST(host.database.value(
                           "SELECT count(*) FROM scaiflow.users WHERE admin_role IS NOT NULL") == "0");
            const auto again = host.run();
            BOOST_TEST(again.status == 0, again.all());
            host.check_whole();
        }
    }
}

BOOST_AUTO_TEST_CASE(of_two_sweeps_at_once_one_runs_and_one_says_who_does) {
    Host host;
    host.slow_path = "/grp_all/members";
    host.slow = std::chrono::milliseconds(4000);
    const pid_t pid = host.start();
    BOOST_TEST(
        eventually([&] { return host.upstream.server.count("/api/v1/admin/groups/grp_all/members") > 0; }));
    const auto second = host.run();
    BOOST_TEST(second.status == 75, second.all());
    const auto printed = object(second.out);
    BOOST_TEST(printed.member("skipped_reason") == "already_running");
    BOOST_TEST(printed.member("holder").find("pid " + std::to_string(pid)) == 0U);
    int status = -1;
    waitpid(pid, &status, 0);
    BOOST_TEST(WIFEXITED(status));
    BOOST_TEST(WEXITSTATUS(status) == 0);
    host.check_whole();
}

BOOST_AUTO_TEST_CASE(job_prints_one_object_and_the_exit_code_of_the_manual) {
    Host host;
    const auto done = host.run();
    BOOST_TEST(done.status == 0, done.all());
    const auto printed = object(done.out);
    for (const char* key : {"skipped_reason",
                            "users_method",
                            "users_seen",
                            "users_added",
                            "users_undeleted",
                            "users_soft_deleted",
                            "groups_seen",
                            "groups_added",
                            "groups_undeleted",
                            "groups_soft_deleted",
                            "memberships_seen",
                            "memberships_added",
                            "memberships_soft_deleted",
                            "super_admin_count",
                            "super_admins_group_promoted",
                            "super_admins_group_demoted",
                            "duration_seconds",
                            "partial",
                            "breaker",
                            "run_id",
                            "tenants"})
        BOOST_TEST(printed.get(key).present(), key);
    BOOST_TEST(printed.get("users_added").integer().value_or(0) == 8);
    BOOST_TEST(printed.get("tenants").at(0).get("users_added").integer().value_or(0) == 8);

    host.upstream.users.pop_back();
    const auto dry = host.run({"--dry-run"});
    BOOST_TEST(dry.status == 0, dry.all());
    BOOST_TEST(dry.out.find("dry run (nothing is written)") == 0U);
    BOOST_TEST(dry.out.find("soft_deleted user usr_7") != std::string::npos);
    BOOST_TEST(host.run({"--if-due", "--json"}).out.find("\"not_due\"") != std::string::npos);

    host.upstream.users.clear();
    const auto stopped = host.run({"--force"});
    BOOST_TEST(stopped.status == 65, stopped.all());
    BOOST_TEST(stopped.out.find("ScaiKey listed no users at all") != std::string::npos);
    BOOST_TEST(host.run({"--no-such-flag"}).status == 64);
    const auto unknown = host.run({"--tenant", "tnt_typo"});
    BOOST_TEST(unknown.status == 69, unknown.all());
    BOOST_TEST(unknown.out.find("is the id right") != std::string::npos);
    BOOST_TEST(host.database.value("SELECT count(*) FROM scaiflow.tenants") == "1");

    auto environment = host.environment();
    environment["SCAIKEY_BASE_URL"] = "http://127.0.0.1:1";
    const auto down = test::run({Host::program(), "--json"}, environment);
    BOOST_TEST(down.status == 69, down.all());
    environment.erase("SCAIKEY_BASE_URL");
    const auto unset = test::run({Host::program(), "--json"}, environment);
    BOOST_TEST(unset.status == 78, unset.all());
    BOOST_TEST(object(unset.out).member("skipped_reason") == "credentials_missing");
    environment["DATABASE_URL"] = "postgresql:///none?host=/nonexistent";
    const auto no_database = test::run({Host::program(), "--json"}, environment);
    BOOST_TEST(no_database.status == 69, no_database.all());
}

BOOST_AUTO_TEST_SUITE_END()
