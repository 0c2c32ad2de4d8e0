// What scaivault says to an operator who mistypes, the real binary on a scratch database.
// SPDX-License-Identifier: Apache-2.0
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
    test::Finished run(std::vector<std::string> arguments, const std::string& input = "") const {
        const char* folder = std::getenv("SCAI_BIN");
        arguments.insert(arguments.begin(),
                         std::string(folder && *folder ? folder : "build/bin") + "/scaivault");
        return test::run(arguments, environment, input);
    }
    void refused(const std::vector<std::string>& arguments, int status, const std::string& words) const {
        const auto done = run(arguments);
        BOOST_TEST(done.status == status, done.all());
        BOOST_TEST(done.err.find(words) != std::string::npos, done.all());
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(jobs_cli_scaivault_commands, Fixture)

BOOST_AUTO_TEST_CASE(a_tenant_that_does_not_exist_is_not_one_whose_trail_is_fine) {
    BOOST_TEST(run({"audit", "verify", "--tenant", "tnt_1"}).status == 0);
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {"audit", "verify", "--tenant", "tnt_l"},
             {"audit", "anchor", "--tenant", "tnt_l"},
             {"audit", "retention", "tnt_l", "--years", "1"},
             {"audit", "export", "tnt_l", "--from", "2026-01-01T00:00:00Z", "--out", "/tmp"}})
        refused(arguments, 4, "there is no tenant tnt_l");
    BOOST_TEST(db.value("SELECT count(*) FROM scaivault.audit_retention") == "0");
    BOOST_TEST(db.value("SELECT count(*) FROM scaivault.audit_log") == "0");
}

BOOST_AUTO_TEST_CASE(a_comparison_with_no_anchor_is_none) {
    refused({"audit", "verify", "--anchors", "-"}, 5, "holds no anchor");
    refused({"audit", "verify", "--anchors", "/no/such/file"}, 5, "cannot read /no/such/file");
    BOOST_TEST(run({"audit", "verify", "--anchors", "-"}, "tnt_1 one hash\n").status == 5);
}

BOOST_AUTO_TEST_CASE(what_is_mistyped_is_named) {
    refused({"adit"}, 5, "scaivault: there is no command 'adit': config,");
    refused({"audit", "verfy"}, 5, "scaivault audit: there is no command 'verfy': verify,");
    refused({"audit", "export", "tnt_1", "--from", "yesterday", "--out", "/tmp"}, 5, "--from must be");
    refused({"migrate", "--target", "x"}, 5, "--target: Value x not in range 0 to");
    refused({"auth", "login", "--token", "skt_secret"}, 5, "--token-file FILE");
    BOOST_TEST(run({"auth", "login", "--token", "skt_secret"}).err.find("skt_secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_database_that_is_not_there_says_where_to_look) {
    environment["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none";
    refused({"audit", "verify"}, 69, "does DATABASE_URL say where?");
}

BOOST_AUTO_TEST_SUITE_END()
