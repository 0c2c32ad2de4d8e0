// scaiflow-admin, the real binary on a scratch database. SPDX-License-Identifier: Apache-2.0
#include "lib/json/value.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/process.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>

using scai::json::Value;

namespace {

std::string program() {
    const char* folder = std::getenv("SCAI_BIN");
    return std::string(folder && *folder ? folder : "build/bin") + "/scaiflow-admin";
}

struct Fixture {
    explicit Fixture(test::Database database = test::migrated_database("scaiflow"))
        : db(std::move(database)) {
        environment = test::clean_environment();
        environment["DATABASE_URL"] = db.url;
        environment["SCAIFLOW_ENV_FILE"] = "/dev/null";
    }
    test::Finished run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), program());
        return test::run(arguments, environment);
    }
    Value json(std::vector<std::string> arguments, int status = 0) {
        arguments.emplace_back("--json");
        const auto finished = run(arguments);
        BOOST_TEST(finished.status == status);
        auto value = scai::json::parse(finished.out);
        BOOST_REQUIRE_MESSAGE(bool(value), finished.all());
        return std::move(value).value();
    }
    void people() {
        db.sql(R"(
INSERT INTO scaiflow.tenants (id, slug) VALUES ('t1', 'one'), ('t2', 'two');
INSERT INTO scaiflow.groups (tenant_id, id, name) VALUES ('t1', 'g1', 'admins');
INSERT INTO scaiflow.users (tenant_id, id, email, seen_by) VALUES
  ('t1', 'ann', 'Ann@x.example', 'effective_users'), ('t1', 'bob', 'bob@x.example', 'effective_users'),
  ('t2', 'bob2', 'bob@x.example', 'effective_users');
INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id) VALUES ('t1', 'g1', 'ann');
)");
    }
    std::string role(const std::string& user) {
        return db.value(
            "SELECT coalesce(admin_role || '/' || admin_role_source, '-') FROM scaiflow.users WHERE id = '" +
            user + "'");
    }
    test::Database db;
    test::Environment environment;
};

struct Empty : Fixture {
    Empty() : Fixture(test::empty_database()) {}
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(jobs_cli_scaiflow_admin, Fixture)

BOOST_FIXTURE_TEST_CASE(migrate_builds_and_unbuilds_the_schema, Empty) {
    const auto before = run({"list"});
    BOOST_TEST(before.status == 78);
    BOOST_TEST(has(before.err, "run scaiflow-admin migrate"));

    auto answer = json({"migrate"});
    BOOST_TEST(answer.get("before").integer().value_or(-1) == 0);
    BOOST_TEST(answer.get("applied").at(0).text_or("") == "0001_mirror");
    const auto newest = answer.get("after").integer().value_or(0);
    BOOST_TEST(newest >= 1);
    const auto again = run({"migrate", "--sql", "sql"});
    BOOST_TEST(again.status == 0);
    BOOST_TEST(has(again.out, "nothing to do"));
    BOOST_TEST(run({"list"}).status == 0);

    BOOST_TEST(json({"migrate", "--target", "0"}).get("after").integer().value_or(-1) == 0);
    BOOST_TEST(db.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'scaiflow'") == "0");
    BOOST_TEST(run({"migrate", "--target", "99"}).status == 78);
    BOOST_TEST(run({"migrate", "--sql-dir", "/nowhere"}).status == 78);
    BOOST_TEST(run({"migrate", "--target", "-3"}).status == 64);
}

BOOST_AUTO_TEST_CASE(a_newer_database_is_refused_with_both_numbers) {
    db.sql(
        "INSERT INTO scaiflow.schema_migrations (number, name, checksum) VALUES (999, '0999_future', 'x')");
    for (const char* command : {"list", "migrate"}) {
        const auto refused = run({command});
        BOOST_TEST(refused.status == 78);
        BOOST_TEST(has(refused.err, "999"));
    }
}

BOOST_AUTO_TEST_CASE(grant_finds_the_user_by_e_mail_in_any_case) {
    people();
    const auto granted = run({"grant", "ANN@x.example", "--role", "super_admin"});
    BOOST_TEST(granted.status == 0);
    BOOST_TEST(has(granted.out, "Ann@x.example (tenant t1, user ann) is now super_admin"));
    BOOST_TEST(role("ann") == "super_admin/manual");
    BOOST_TEST(
        db.value(
            "SELECT actor LIKE 'cli:%' AND cause->>'command' = 'scaiflow-admin grant ANN@x.example --role "
            "super_admin' FROM scaiflow.audit_log") == "t");
    BOOST_TEST(json({"grant", "ann@x.example", "--role", "super_admin"}).member("result") == "unchanged");
    BOOST_TEST(db.value("SELECT count(*) FROM scaiflow.audit_log") == "1");
}

BOOST_AUTO_TEST_CASE(an_e_mail_in_several_tenants_is_asked_back) {
    people();
    const auto refused = run({"grant", "bob@x.example", "--role", "tenant_admin"});
    BOOST_TEST(refused.status == 1);
    BOOST_TEST(has(refused.all(), "--tenant t1"));
    BOOST_TEST(has(refused.all(), "--tenant t2"));
    BOOST_TEST(role("bob") + role("bob2") == "--");
    BOOST_TEST(json({"grant", "bob@x.example", "--role", "tenant_admin"}, 1).get("candidates").size() == 2U);

    BOOST_TEST(run({"grant", "bob@x.example", "--role", "tenant_admin", "--tenant", "two"}).status == 0);
    BOOST_TEST(role("bob2") == "tenant_admin/manual");
    environment["SCAIFLOW_HOME_TENANT"] = "one";
    BOOST_TEST(run({"grant", "bob@x.example", "--role", "super_admin"}).status == 0);
    BOOST_TEST(role("bob") == "super_admin/manual");
    BOOST_TEST(role("bob2") == "tenant_admin/manual");
}

BOOST_AUTO_TEST_CASE(an_unknown_e_mail_gets_a_pending_grant) {
    const auto answer = run({"grant", "New@x.example", "--role", "super_admin"});
    BOOST_TEST(answer.status == 0);
    BOOST_TEST(has(answer.out, "not in the mirror yet"));
    BOOST_TEST(has(run({"list"}).out, "new@x.example"));
    BOOST_TEST(has(run({"list"}).out, "  any  "));
    environment["SCAIFLOW_HOME_TENANT"] = "home";
    BOOST_TEST(has(run({"list"}).out, "  home  "));
    BOOST_TEST(json({"list"}).get("pending").at(0).member("source") == "manual");
    const auto why = run({"why", "new@x.example"});
    BOOST_TEST(why.status == 1);
    BOOST_TEST(has(why.out, "pending"));

    BOOST_TEST(json({"revoke", "new@x.example"}).get("pending_cancelled").integer().value_or(0) == 1);
    BOOST_TEST(!has(run({"list"}).out, "new@x.example"));
    BOOST_TEST(has(run({"list", "--all"}).out, "cancelled"));
    BOOST_TEST(run({"revoke", "new@x.example"}).status == 1);
    BOOST_TEST(run({"grant", "no address", "--role", "super_admin"}).status == 1);
}

BOOST_AUTO_TEST_CASE(revoke_keeps_the_last_super_admin_unless_forced) {
    people();
    run({"grant", "ann@x.example", "--role", "super_admin"});
    const auto refused = run({"revoke", "ann@x.example"});
    BOOST_TEST(refused.status == 1);
    BOOST_TEST(has(refused.err, "last active super_admin"));
    BOOST_TEST(role("ann") == "super_admin/manual");
    BOOST_TEST(run({"revoke", "ann@x.example", "--force"}).status == 0);
    BOOST_TEST(role("ann") == "-");
}

BOOST_AUTO_TEST_CASE(list_and_why_tell_where_a_role_comes_from) {
    people();
    run({"grant", "ann@x.example", "--role", "tenant_admin"});
    db.sql(
        "INSERT INTO scaiflow.role_grants (tenant_id, user_id, role, source, group_id, granted_by) VALUES "
        "('t1', 'ann', 'super_admin', 'group', 'g1', 'sync:run_1');"
        "UPDATE scaiflow.users SET admin_role = 'super_admin', admin_role_source = 'group' WHERE id = 'ann'");
    environment["SCAIFLOW_SUPER_ADMIN_GROUPS"] = "admins,typo";
    environment["SCAIFLOW_HOME_TENANT"] = "t1";
    const auto listed = run({"list"});
    BOOST_TEST(has(listed.out, "super_admin by group admins, tenant_admin manual"));
    const auto why = run({"why", "ann@x.example"});
    BOOST_TEST(why.status == 0);
    BOOST_TEST(has(why.out, "super_admin, source group"));
    BOOST_TEST(has(why.out, "group     admins (g1)"));
    BOOST_TEST(has(why.out, "PROBLEM SCAIFLOW_SUPER_ADMIN_GROUPS entry \"typo\""));
    BOOST_TEST(has(why.out, "role.granted by cli:"));
    BOOST_TEST(json({"why", "ann@x.example"}).get("users").at(0).get("grants").size() == 2U);

    const auto revoked = run({"revoke", "ann@x.example"});
    BOOST_TEST(revoked.status == 0);
    BOOST_TEST(has(revoked.out, "is still super_admin through group admins (g1)"));
}

BOOST_AUTO_TEST_CASE(why_says_that_the_whole_tenant_is_shut_out) {
    people();
    BOOST_TEST(!has(run({"why", "ann@x.example"}).out, "nobody of it is let in"));
    db.sql("UPDATE scaiflow.tenants SET status = 'SUSPENDED'");
    BOOST_TEST(
        has(run({"why", "ann@x.example"}).out, "tenant    SUSPENDED in ScaiKey: nobody of it is let in"));
    db.sql("UPDATE scaiflow.tenants SET deleted_at = now()");
    const auto user = json({"why", "ann@x.example"}).get("users").at(0).get("user");
    BOOST_TEST(user.member("tenant_status") == "DELETED");
}

BOOST_AUTO_TEST_CASE(usage_settings_and_outage_have_their_codes) {
    BOOST_TEST(run({}).status == 64);
    BOOST_TEST(run({"grant", "a@x.example"}).status == 64);
    BOOST_TEST(run({"grant", "a@x.example", "--role", "emperor"}).status == 64);
    BOOST_TEST(run({"--help"}).status == 0);
    for (const char* command : {"migrate", "grant", "revoke", "list", "why"}) {
        const auto help = run({command, "--help"});
        BOOST_TEST(help.status == 0);
        BOOST_TEST(has(help.out, "Exit codes:"));
        BOOST_TEST(has(help.out, "xample"));
    }
    BOOST_TEST(run({"--env-file", "/nowhere.env", "list"}).status == 78);
    environment["DB_POOL_SIZE"] = "many";
    BOOST_TEST(run({"list"}).status == 78);
    environment.erase("DB_POOL_SIZE");
    environment["DATABASE_URL"] = "postgresql:///x?host=/nowhere";
    const auto down = run({"list"});
    BOOST_TEST(down.status == 69);
    BOOST_TEST(has(down.err, "scaiflow-admin: "));
    environment.erase("DATABASE_URL");
    BOOST_TEST(run({"list"}).status == 78);
}

BOOST_AUTO_TEST_CASE(doctor_prints_a_line_a_check_and_fails_on_trouble) {
    const auto sick = run({"doctor"});
    BOOST_TEST(sick.status == 1);
    BOOST_TEST(has(sick.out, "OK    database"));
    BOOST_TEST(has(sick.out, "FAIL  settings"));
    BOOST_TEST(has(sick.out, "  -> "));
    const auto answer = json({"doctor"}, 1);
    BOOST_TEST(!answer.get("healthy").boolean().value_or(true));
    BOOST_TEST(answer.get("checks").size() > 4U);
    BOOST_TEST(run({"doctor", "--help"}).status == 0);
    environment["FCGI_THREADS"] = "none";
    BOOST_TEST(run({"doctor"}).status == 78);
    BOOST_TEST(has(run({"doctor"}).out, "FAIL  settings"));
}

BOOST_AUTO_TEST_SUITE_END()
