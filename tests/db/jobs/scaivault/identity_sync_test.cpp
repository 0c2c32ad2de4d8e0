// The job itself against a directory on loopback: killed at each phase, the next run brings what is missing.
// SPDX-License-Identifier: Apache-2.0
#include "lib/json/value.hpp"
#include "tests/support/fake_directory.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/process.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>

using scai::test::FakeDirectory;
using scai::test::HttpReply;
using scai::test::HttpRequest;

namespace {

struct Host {
    test::Database db = test::migrated_database("scaivault");
    FakeDirectory upstream;
    std::string slow_path; ///< a call whose path ends so is answered after the job is dead

    Host() {
        scai::test::fill_small(upstream);
        upstream.fault = [this](const HttpRequest& request, int) -> std::optional<HttpReply> {
            if (slow_path.empty() || !request.path.ends_with(slow_path))
                return std::nullopt;
            return HttpReply{.status = 500, .delay = std::chrono::seconds(4)};
        };
    }
    /// Ends with status 137 when it is not done after `limit`.
    test::Finished run(std::vector<std::string> arguments = {},
                       std::chrono::seconds limit = std::chrono::seconds(120)) const {
        const char* folder = std::getenv("SCAI_BIN"); // NOLINT(concurrency-mt-unsafe)
        arguments.insert(arguments.begin(),
                         std::string(folder != nullptr && *folder != '\0' ? folder : "build/bin") +
                             "/scaivault-job-identity-sync");
        auto environment = test::clean_environment();
        environment["DATABASE_URL"] = db.url;
        environment["SCAIVAULT_ENV_FILE"] = "/dev/null";
        environment["SCAIKEY_BASE_URL"] = upstream.server.url();
        environment["SCAIKEY_CLIENT_ID"] = "cid1";
        environment["SCAIKEY_CLIENT_SECRET"] = "secret";
        environment["SCAIKEY_PER_PAGE"] = "3";
        return test::run(arguments, environment, "", limit);
    }
    std::string copy() const {
        return db.value("SELECT (SELECT count(*) FROM scaivault.users WHERE deleted_at IS NULL) || ' ' || "
                        "(SELECT count(*) FROM scaivault.groups WHERE deleted_at IS NULL) || ' ' || "
                        "(SELECT count(*) FROM scaivault.memberships WHERE deleted_at IS NULL)");
    }
    std::string runs() const {
        return db.value("SELECT string_agg(trigger || ' ' || status, ', ' ORDER BY number) FROM "
                        "scaivault.identity_syncs");
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(jobs_scaivault_identity_sync)

BOOST_AUTO_TEST_CASE(killed_while_reading_changes_nothing_and_the_next_run_converges) {
    const std::pair<const char*, bool> phases[] = {{"/admin/tenants/", true},  {"/admin/tenants/", false},
                                                   {"/effective-users", true}, {"/effective-users", false},
                                                   {"/admin/groups/", false},  {"/grp_all/members", true},
                                                   {"/grp_all/members", false}};
    for (const auto& [phase, first] : phases) {
        BOOST_TEST_CONTEXT("killed in " << phase << (first ? ", first run" : ", steady")) {
            Host host;
            if (!first)
                BOOST_TEST(host.run().status == 0);
            host.upstream.users.push_back(scai::test::small_user("usr_new"));
            const auto before = host.copy();
            host.slow_path = phase;
            const auto killed = host.run({}, std::chrono::seconds(2));
            BOOST_TEST(killed.status == 137, killed.all());
            BOOST_TEST(host.copy() == before);
            host.slow_path = "";
            const auto again = host.run({"--if-due"});
            BOOST_TEST(again.status == 0, again.all());
            BOOST_TEST(again.out.find("\n  tenant_id tnt_t1, users_seen 9, ") != std::string::npos,
                       again.out);
            BOOST_TEST(host.copy() == "9 2 9");
            BOOST_TEST(host.runs() == (first ? "cron failed, retry completed"
                                             : "cron completed, cron failed, retry completed"));
            BOOST_TEST(host.db.value("SELECT count(*) FROM scaivault.job_runs WHERE finished_at IS NULL") ==
                       "0");
        }
    }
}

BOOST_AUTO_TEST_CASE(killed_while_writing_leaves_nothing_half) {
    Host host;
    scai::db::Pool pool(host.db.settings("", 1));
    scai::db::in_tx(pool, scai::db::Scope::all_tenants(), [&](scai::db::Tx& tx) {
        // The job has inserted all its users when it comes to the memberships.
        tx.script("LOCK TABLE scaivault.memberships IN ACCESS EXCLUSIVE MODE");
        const auto killed = host.run({}, std::chrono::seconds(3));
        BOOST_TEST(killed.status == 137, killed.all());
    });
    BOOST_TEST(host.copy() == "0 0 0");
    // PostgreSQL notices that the job is gone when it has done the statement the job waited for.
    auto again = host.run();
    for (int i = 0; i < 50 && again.status == 75; ++i)
        again = host.run();
    BOOST_TEST(again.status == 0, again.all());
    BOOST_TEST(host.copy() == "8 2 9");
}

BOOST_AUTO_TEST_CASE(what_was_asked_for_and_killed_is_asked_for_once_more) {
    Host host;
    BOOST_TEST(host.run().status == 0);
    host.db.sql("INSERT INTO scaivault.identity_syncs (id, tenant_id, trigger, requested_by, status) VALUES "
                "('sync_1', 'tnt_t1', 'webhook', 'event', 'running'), "
                "('sync_2', 'tnt_t1', 'api', 'mia', 'running')");
    BOOST_TEST(host.run({"--if-due"}).status == 0);
    BOOST_TEST(host.runs() == "cron completed, webhook failed, api failed, retry completed");
    host.db.sql("UPDATE scaivault.identity_syncs SET status = 'running' WHERE trigger = 'retry'");
    BOOST_TEST(host.run({"--if-due"}).status == 0);
    BOOST_TEST(host.runs() == "cron completed, webhook failed, api failed, retry failed");
    // A request that ran together with a retry is none.
    host.db.sql("DELETE FROM scaivault.identity_syncs WHERE trigger <> 'cron'");
    host.db.sql("INSERT INTO scaivault.identity_syncs (id, tenant_id, trigger, requested_by, status) VALUES "
                "('sync_3', 'tnt_t1', 'webhook', 'event', 'running'), "
                "('sync_4', 'tnt_t1', 'retry', 'after sync_0', 'running')");
    BOOST_TEST(host.run({"--if-due"}).status == 0);
    BOOST_TEST(host.runs() == "cron completed, webhook failed, retry failed, retry completed");
}

BOOST_AUTO_TEST_SUITE_END()
