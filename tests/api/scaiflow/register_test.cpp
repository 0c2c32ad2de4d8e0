// scaiflow scaikey-register against the embedded ScaiKey. SPDX-License-Identifier: Apache-2.0
#include "tests/support/files.hpp"
#include "tests/support/stack.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>

namespace {

std::string admin_secret() {
    return test::slurp(test::stack().folder() + "/var/scaikey-admin.secret");
}

test::Finished register_with(std::vector<std::string> more, const std::string& secret) {
    std::vector<std::string> arguments{
        "scaikey-register",    "--json", "--url", test::stack().flow_url(), "--admin-client-id", "scai-stack",
        "--admin-secret-file", "-"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return test::stack().program("scaiflow", arguments, secret + "\n");
}

std::string count_of(const std::string& table) {
    return test::stack().sql("SELECT count(*) FROM scaikey." + table);
}

} // namespace

BOOST_AUTO_TEST_SUITE(api_scaiflow_register)

BOOST_AUTO_TEST_CASE(a_second_run_finds_everything_and_makes_nothing) {
    auto& stack = test::stack();
    const auto applications = count_of("applications"), webhooks = count_of("webhooks");
    const auto settings = test::slurp(stack.folder() + "/var/scaiflow.env");
    const auto done = register_with({}, admin_secret());
    BOOST_TEST_REQUIRE(done.status == 0, done.all());
    const auto report = scai::json::parse(done.out);
    BOOST_TEST_REQUIRE(static_cast<bool>(report), done.out);
    BOOST_TEST(report->get("application").member("change") == "unchanged");
    BOOST_TEST(report->get("webhook").member("change") == "unchanged");
    BOOST_TEST(report->get("sweep").member("users_method") == "effective_users");
    BOOST_TEST(count_of("applications") == applications);
    BOOST_TEST(count_of("webhooks") == webhooks);
    BOOST_TEST(test::slurp(stack.folder() + "/var/scaiflow.env") == settings);
    BOOST_TEST(done.all().find(stack.setting("SCAIFLOW_SCAIKEY_CLIENT_SECRET")) == std::string::npos);
    BOOST_TEST(done.all().find(admin_secret()) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_new_scaiflow_gets_application_settings_and_its_first_admin) {
    auto& stack = test::stack();
    const auto file = stack.folder() + "/second.env";
    std::ofstream(file) << "# kept\nDATABASE_URL=" << stack.setting("DATABASE_URL")
                        << "\nSCAIFLOW_SUPER_ADMIN_GROUPS=" << stack.setting("SCAIFLOW_SUPER_ADMIN_GROUPS")
                        << "\nSCAIFLOW_HOME_TENANT=" << stack.setting("SCAIFLOW_HOME_TENANT") << "\n";
    const auto done =
        stack.program("scaiflow",
                      {"scaikey-register", "--json", "--env-file", file, "--scaikey-url", stack.key_url(),
                       "--name", "Second", "--url", "http://127.0.0.1:1", "--admin-client-id", "scai-stack",
                       "--admin-secret-file", "-", "--assign-all-users", "--first-admin", "eva@acme.test"},
                      admin_secret() + "\n");
    BOOST_TEST_REQUIRE(done.status == 0, done.all());
    const auto text = test::slurp(file);
    BOOST_TEST(text.starts_with("# kept\nDATABASE_URL="));
    for (const char* name : {"SCAIKEY_BASE_URL=", "SCAIFLOW_SCAIKEY_CLIENT_ID=",
                             "SCAIFLOW_SCAIKEY_CLIENT_SECRET=", "SCAIFLOW_SCAIKEY_WEBHOOK_SECRET=whsec_"})
        BOOST_TEST(text.find(std::string("\n") + name) != std::string::npos, name);
    BOOST_TEST(stack.sql("SELECT admin_role || '/' || admin_role_source FROM scaiflow.users WHERE email = "
                         "'eva@acme.test'") == "super_admin/bootstrap");

    // The other ScaiFlow of this test is no more: neither its subscription nor its admin may stay for other
    // cases.
    stack.sql("DELETE FROM scaikey.deliveries WHERE webhook_id IN (SELECT id FROM scaikey.webhooks WHERE "
              "name = 'Second')");
    stack.sql("DELETE FROM scaikey.webhooks WHERE name = 'Second'");
    BOOST_TEST(stack.program("scaiflow-admin", {"revoke", "eva@acme.test"}).status == 0);
}

BOOST_AUTO_TEST_CASE(what_scaikey_refuses_changes_nothing_and_has_its_own_exit_code) {
    auto& stack = test::stack();
    const auto settings = test::slurp(stack.folder() + "/var/scaiflow.env");
    BOOST_TEST(register_with({"--no-sweep"}, "not-the-secret").status == 77);
    const auto member = test::demo_member();
    const auto token = stack.sign_in(member.email, member.password).access_token;
    const auto as_member = stack.program(
        "scaiflow", {"scaikey-register", "--no-sweep", "--url", stack.flow_url(), "--admin-token-file", "-"},
        token + "\n");
    BOOST_TEST(as_member.status == 77, as_member.all());
    const auto nobody_there =
        register_with({"--no-sweep", "--scaikey-url", "http://127.0.0.1:1"}, admin_secret());
    BOOST_TEST(nobody_there.status == 69, nobody_there.all());
    BOOST_TEST(register_with({"--no-sweep", "--scaikey-url", "ftp://x"}, admin_secret()).status == 64);
    BOOST_TEST(register_with({"--no-sweep", "--scope", "TENANT"}, admin_secret()).status == 64);
    BOOST_TEST(register_with({"--no-sweep", "--env-file", "/no/such/folder/x.env"}, admin_secret()).status ==
               78);
    BOOST_TEST(test::slurp(stack.folder() + "/var/scaiflow.env") == settings);
}

BOOST_AUTO_TEST_SUITE_END()
