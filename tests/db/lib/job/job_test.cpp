// The job runner: one at a time, a truthful record, a way to stop. SPDX-License-Identifier: Apache-2.0
#include "lib/job/job.hpp"
#include "lib/scaiflow/app/job_product.hpp"
#include "tests/support/postgres.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace scai;

namespace {

struct Fixture {
    Fixture() : db(test::migrated_database("scaiflow")), pool(db.settings("scaiflow_jobs")) {}
    std::variant<job::Outcome, job::Locked> run(const std::function<job::Outcome(job::Run&)>& work,
                                                std::chrono::seconds deadline = std::chrono::seconds(60)) {
        return job::run(pool, {"scaiflow", "sync", deadline}, clock, "cron", work);
    }
    std::string last(const std::string& columns) {
        return db.value("SELECT concat_ws('|', " + columns +
                        ") FROM scaiflow.job_runs ORDER BY started_at DESC LIMIT 1");
    }
    test::Database db;
    db::Pool pool;
    SystemClock clock;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(lib_job, Fixture)

BOOST_AUTO_TEST_CASE(a_run_is_recorded_with_its_outcome_and_counters) {
    std::string id;
    const auto result = run([&](job::Run& running) {
        id = running.id();
        BOOST_TEST(id.starts_with("run_"));
        BOOST_TEST(last("id, job, trigger, pid, finished_at IS NULL") ==
                   id + "|sync|cron|" + std::to_string(getpid()) + "|t");
        BOOST_TEST(!running.must_stop());
        job::Outcome outcome;
        outcome.outcome = "partial";
        outcome.counters.set("users_seen", 7);
        return outcome;
    });
    BOOST_REQUIRE(std::holds_alternative<job::Outcome>(result));
    BOOST_TEST(std::get<job::Outcome>(result).exit_code == job::exit_ok);
    BOOST_TEST(last("id, finished_at IS NOT NULL, outcome, exit_code, counters->>'users_seen', "
                    "coalesce(error, 'none')") == id + "|t|partial|0|7|none");
}

BOOST_AUTO_TEST_CASE(a_second_start_is_told_who_runs) {
    run([&](job::Run& running) {
        const auto second = run([](job::Run&) -> job::Outcome {
            BOOST_ERROR("ran twice at once");
            return {};
        });
        BOOST_REQUIRE(std::holds_alternative<job::Locked>(second));
        const std::string holder = std::get<job::Locked>(second).holder;
        BOOST_TEST(holder.starts_with("pid " + std::to_string(getpid()) + " on host "));
        BOOST_TEST(holder.find("Z (" + running.id() + ")") != std::string::npos);
        return job::Outcome{};
    });
    BOOST_TEST(db.value("SELECT count(*) FROM scaiflow.job_runs") == "1");
}

BOOST_AUTO_TEST_CASE(jobs_of_other_names_run_beside_it) {
    run([&](job::Run&) {
        const auto other = job::run(pool, {"scaiflow", "reconcile"}, clock, "cron",
                                    [](job::Run&) { return job::Outcome{}; });
        BOOST_TEST(std::holds_alternative<job::Outcome>(other));
        return job::Outcome{};
    });
}

BOOST_AUTO_TEST_CASE(the_row_of_a_killed_process_is_closed_by_the_next_run) {
    db.sql("INSERT INTO scaiflow.job_runs (id, job, trigger, host, pid) VALUES ('run_0', 'sync', 'cron', "
           "'h', 1), "
           "('run_1', 'reconcile', 'cron', 'h', 1)");
    run([](job::Run&) { return job::Outcome{}; });
    BOOST_TEST(
        db.value("SELECT outcome FROM scaiflow.job_runs WHERE id = 'run_0' AND finished_at IS NOT NULL") ==
        "killed");
    BOOST_TEST(
        db.value("SELECT count(*) FROM scaiflow.job_runs WHERE id = 'run_1' AND finished_at IS NULL") == "1");
}

BOOST_AUTO_TEST_CASE(an_exception_is_recorded_as_failed) {
    const auto result = run([](job::Run&) -> job::Outcome { throw std::runtime_error("out of paper"); });
    BOOST_TEST(std::get<job::Outcome>(result).exit_code == job::exit_software);
    BOOST_TEST(last("outcome, exit_code, error") == "failed|70|out of paper");
    run([](job::Run&) { return job::Outcome{}; }); // and the lock is free again
    BOOST_TEST(last("outcome") == "done");
}

BOOST_AUTO_TEST_CASE(a_database_error_is_recorded_without_its_row) {
    static constexpr auto bad =
        "INSERT INTO scaiflow.users (tenant_id, id, seen_by, admin_role) VALUES ('t', 'u', 'secret', :p1)";
    const auto result = run([&](job::Run&) {
        db::in_tx(pool, db::Scope::all_tenants(), [](db::Tx& tx) { tx.run(bad, "emperor"); });
        return job::Outcome{};
    });
    BOOST_TEST(std::get<job::Outcome>(result).exit_code == job::exit_software);
    BOOST_TEST(last("error").find("23514") != std::string::npos);
    BOOST_TEST(last("error").find("emperor") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_passed_deadline_says_stop) {
    run(
        [](job::Run& running) {
            BOOST_TEST(running.must_stop());
            return job::Outcome{};
        },
        std::chrono::seconds(0));
}

BOOST_AUTO_TEST_CASE(sigterm_says_stop_and_is_forgotten_afterwards) {
    run([](job::Run& running) {
        BOOST_TEST(!running.must_stop());
        raise(SIGTERM);
        BOOST_TEST(running.must_stop());
        return job::Outcome{};
    });
    run([](job::Run& running) {
        BOOST_TEST(!running.must_stop());
        return job::Outcome{};
    });
}

BOOST_AUTO_TEST_CASE(a_lost_lock_says_stop) {
    run([this](job::Run& running) {
        db.sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = "
               "current_database() AND "
               "pid <> pg_backend_pid()");
        const auto start = std::chrono::steady_clock::now();
        while (!running.must_stop() && std::chrono::steady_clock::now() - start < std::chrono::seconds(5))
            usleep(20000);
        BOOST_TEST(running.must_stop());
        return job::Outcome{};
    });
    BOOST_TEST(last("outcome") == "done"); // the pool reconnected to say so
}

BOOST_AUTO_TEST_CASE(a_database_that_is_down_is_unavailable) {
    test::postgres().stop();
    const auto before = run([](job::Run&) { return job::Outcome{}; });
    test::postgres().start();
    BOOST_TEST(std::get<job::Outcome>(before).exit_code == job::exit_unavailable);

    const auto during = run([this](job::Run&) {
        test::postgres().stop(true);
        pool.read(db::Scope::none()).maybe<std::string>("SELECT 'x'");
        return job::Outcome{};
    });
    test::postgres().start();
    BOOST_TEST(std::get<job::Outcome>(during).exit_code == job::exit_unavailable);
    BOOST_TEST(last("finished_at IS NULL") == "t");
    run([](job::Run&) { return job::Outcome{}; });
    BOOST_TEST(db.value("SELECT count(*) FROM scaiflow.job_runs WHERE outcome = 'killed'") == "1");
}

BOOST_AUTO_TEST_CASE(a_cluster_that_never_saw_a_migration_is_told_so) {
    db::Pool strange(db.settings("scaiflow_no_such_role"));
    BOOST_TEST(job::schema_problem(strange, scaiflow::job_product()) ==
               "the database has no roles of scaiflow: run scaiflow-admin migrate");
}

BOOST_AUTO_TEST_SUITE_END()
