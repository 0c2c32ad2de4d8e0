// scaiflow-job-reconcile, the real binary on a scratch database. SPDX-License-Identifier: Apache-2.0
#include "lib/db/db.hpp"
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
        environment["SCAIFLOW_SUPER_ADMIN_GROUPS"] = "admins, typo";
        db.sql(R"(
INSERT INTO scaiflow.tenants (id) VALUES ('t1');
INSERT INTO scaiflow.groups (tenant_id, id, name) VALUES ('t1', 'g1', 'admins');
INSERT INTO scaiflow.users (tenant_id, id, email, seen_by) VALUES ('t1', 'ann', 'ann@x.example', 'effective_users');
INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id) VALUES ('t1', 'g1', 'ann');
)");
    }
    test::Finished run(std::vector<std::string> arguments = {}) {
        const char* folder = std::getenv("SCAI_BIN");
        arguments.insert(arguments.begin(),
                         std::string(folder && *folder ? folder : "build/bin") + "/scaiflow-job-reconcile");
        return test::run(arguments, environment);
    }
    std::string role() { return db.value("SELECT coalesce(admin_role, '-') FROM scaiflow.users"); }
    test::Database db;
    test::Environment environment;
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(jobs_scaiflow_reconcile, Fixture)

BOOST_AUTO_TEST_CASE(it_promotes_and_records_the_run) {
    const auto dry = run({"--dry-run"});
    BOOST_TEST(dry.status == 0);
    BOOST_TEST(has(dry.out, "1 promoted"));
    BOOST_TEST(role() == "-");

    const auto finished = run({"--json"});
    BOOST_TEST(finished.status == 0);
    const auto answer = scai::json::parse(finished.out);
    BOOST_REQUIRE(bool(answer));
    BOOST_TEST(answer->get("super_admins_group_promoted").integer().value_or(0) == 1);
    BOOST_TEST(answer->get("groups").at(1).member("problem") == "unknown");
    BOOST_TEST(role() == "super_admin");
    BOOST_TEST(db.value("SELECT outcome FROM scaiflow.job_runs WHERE job = 'reconcile' AND id = '" +
                        answer->member("run_id") + "'") == "done");
    BOOST_TEST(db.value("SELECT cause->>'run_id' FROM scaiflow.audit_log") == answer->member("run_id"));
}

BOOST_AUTO_TEST_CASE(it_warns_when_nobody_is_super_admin) {
    environment["SCAIFLOW_SUPER_ADMIN_GROUPS"] = "";
    const auto finished = run();
    BOOST_TEST(finished.status == 0);
    BOOST_TEST(has(finished.out, "scaiflow-admin grant <email> --role super_admin"));
}

BOOST_AUTO_TEST_CASE(it_yields_to_another_run) {
    const auto lock =
        scai::db::AdvisoryLock::try_acquire(db.settings(), scai::db::lock_key("scaiflow/job/reconcile"));
    BOOST_REQUIRE(lock);
    const auto finished = run();
    BOOST_TEST(finished.status == 75);
    BOOST_TEST(has(finished.err, "another run holds the lock"));
}

BOOST_AUTO_TEST_CASE(trouble_has_its_codes) {
    BOOST_TEST(run({"--help"}).status == 0);
    BOOST_TEST(run({"--nonsense"}).status == 64);
    db.sql(
        "INSERT INTO scaiflow.schema_migrations (number, name, checksum) VALUES (999, '0999_future', 'x')");
    BOOST_TEST(run().status == 78);
    environment["DATABASE_URL"] = "postgresql:///x?host=/nowhere";
    BOOST_TEST(run().status == 69);
    environment.erase("DATABASE_URL");
    BOOST_TEST(run().status == 78);
}

BOOST_AUTO_TEST_SUITE_END()
