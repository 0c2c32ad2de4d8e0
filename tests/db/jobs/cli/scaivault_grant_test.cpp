// scaivault grant, the real binary on a scratch database. SPDX-License-Identifier: Apache-2.0
#include "tests/support/postgres.hpp"
#include "tests/support/process.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>

namespace {

struct Fixture {
    test::Database db = test::migrated_database("scaivault");
    test::Environment environment = test::clean_environment();

    Fixture() {
        environment["DATABASE_URL"] = db.url;
        environment["SCAIVAULT_ENV_FILE"] = "/dev/null";
        db.sql("INSERT INTO scaivault.partners (id, slug, name) VALUES ('prt_1', 'one', 'One'); INSERT INTO "
               "scaivault.tenants (id, slug, name, partner_id) VALUES ('tnt_1', 't-one', 'T one', 'prt_1')");
    }
    test::Finished run(std::vector<std::string> arguments) const {
        const char* folder = std::getenv("SCAI_BIN");
        arguments.insert(arguments.begin(),
                         {std::string(folder && *folder ? folder : "build/bin") + "/scaivault", "grant"});
        return test::run(arguments, environment);
    }
    test::Finished grant(const std::string& permissions = "read,write") const {
        return run({"--tenant", "tnt_1", "--name", "service", "--identity", "sa:service", "--allow",
                    "tenants/*/key=" + permissions, "--allow", "tenants/*/url=read"});
    }
    std::string count(const std::string& table) const {
        return db.value("SELECT count(*) FROM scaivault." + table);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(jobs_cli_scaivault_grant, Fixture)

BOOST_AUTO_TEST_CASE(a_policy_is_made_once_and_kept_as_asked) {
    const auto first = grant();
    BOOST_TEST(first.status == 0, first.all());
    BOOST_TEST(first.out.starts_with("made policy pol_"));
    BOOST_TEST(first.out.find("made its binding to sa:service") != std::string::npos);
    const auto second = grant();
    BOOST_TEST(second.status == 0, second.all());
    BOOST_TEST(second.out.starts_with("found policy "));
    BOOST_TEST(second.out.find("found its binding") != std::string::npos);
    const auto third = grant("read");
    BOOST_TEST(third.out.starts_with("changed policy "), third.all());
    BOOST_TEST(count("policies") == "1");
    BOOST_TEST(count("policy_bindings") == "1");
    BOOST_TEST(db.value("SELECT rules::text FROM scaivault.policies").find("write") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_granted_is_said) {
    BOOST_TEST(
        run({"--tenant", "tnt_none", "--name", "x", "--identity", "sa:x", "--allow", "a=read"}).status == 1);
    BOOST_TEST(
        run({"--tenant", "tnt_1", "--name", "x", "--identity", "nobody", "--allow", "a=read"}).status == 1);
    BOOST_TEST(run({"--tenant", "tnt_1", "--name", "x", "--identity", "sa:x", "--allow", "a"}).status == 5);
    BOOST_TEST(run({"--tenant", "tnt_1", "--name", "x", "--identity", "sa:x", "--allow", "a=fly"}).status ==
               1);
    BOOST_TEST(run({"--tenant", "tnt_1", "--name", "x", "--identity", "sa:x"}).status == 5);
    BOOST_TEST(count("policies") == "0");
}

BOOST_AUTO_TEST_SUITE_END()
