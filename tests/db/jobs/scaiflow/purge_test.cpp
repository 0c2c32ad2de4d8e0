// scaiflow-job-purge, the real binary on a scratch database. SPDX-License-Identifier: Apache-2.0
#include "lib/json/value.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/process.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>

namespace {

struct Fixture {
    Fixture() : db(test::migrated_database("scaiflow")), environment(test::clean_environment()) {
        environment["DATABASE_URL"] = db.url;
        environment["SCAIFLOW_ENV_FILE"] = "/dev/null";
        db.sql(R"(
INSERT INTO scaiflow.idempotency_keys (tenant_id, subject, key, request_sha256, created_at, status)
SELECT 't' || i % 3, 'ann', 'old' || i, '', now() - interval '25 hours', 201 FROM generate_series(1, 12000) i;
INSERT INTO scaiflow.idempotency_keys (tenant_id, subject, key, request_sha256, created_at, status)
VALUES ('t1', 'ann', 'young', '', now() - interval '23 hours', 201);
INSERT INTO scaiflow.flow_presence (tenant_id, flow_id, user_id, display_name, last_seen_at)
VALUES ('t1', 'f', 'ann', 'Ann', now() - interval '61 minutes'), ('t1', 'f', 'ben', 'Ben', now());
)");
    }
    test::Finished run(std::vector<std::string> arguments = {}) {
        const char* folder = std::getenv("SCAI_BIN");
        arguments.insert(arguments.begin(),
                         std::string(folder && *folder ? folder : "build/bin") + "/scaiflow-job-purge");
        return test::run(arguments, environment);
    }
    std::string left() {
        return db.value(
            "SELECT (SELECT string_agg(key, ',') FROM scaiflow.idempotency_keys) || ' ' || (SELECT "
            "string_agg(user_id, ',') FROM scaiflow.flow_presence)");
    }
    test::Database db;
    test::Environment environment;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(jobs_scaiflow_purge, Fixture)

BOOST_AUTO_TEST_CASE(old_rows_go_and_young_ones_stay) {
    const auto dry = run({"--dry-run", "--json"});
    BOOST_TEST(dry.status == 0);
    BOOST_TEST(dry.out ==
               "{\"idempotency_keys\":12000,\"presence\":1,\"deployments_settled\":0,\"dry_run\":true}\n");
    BOOST_TEST(db.value("SELECT count(*) FROM scaiflow.idempotency_keys") == "12001");
    const auto finished = run({"--json"});
    BOOST_TEST(finished.status == 0);
    BOOST_TEST(finished.out ==
               "{\"idempotency_keys\":12000,\"presence\":1,\"deployments_settled\":0,\"dry_run\":false}\n");
    BOOST_TEST(left() == "young ben");
    BOOST_TEST(db.value("SELECT outcome || counters::text FROM scaiflow.job_runs WHERE job = 'purge'")
                   .starts_with("done{"));
    BOOST_TEST(run().out == "removed: 0 idempotency keys, 0 presence entries; deployments settled: 0\n");
}

BOOST_AUTO_TEST_CASE(no_database_is_69_and_wrong_usage_64) {
    environment["DATABASE_URL"] = "postgresql:///x?host=/nowhere";
    BOOST_TEST(run().status == 69);
    BOOST_TEST(run({"--what"}).status == 64);
}

BOOST_AUTO_TEST_SUITE_END()
