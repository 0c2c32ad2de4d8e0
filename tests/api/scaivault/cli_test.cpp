// `scaivault rotation|webhooks|identity|audit logs`: the real program at the real API.
// SPDX-License-Identifier: Apache-2.0
#include "tests/api/scaivault/vault_caller.hpp"

namespace vault = test::vault;
using scai::json::Value;

namespace {

test::Finished as_admin(const std::vector<std::string>& arguments, const std::string& input = "") {
    return vault::cli(vault::admin(), arguments, input);
}

/// What --json prints; fails the test unless the program ends well.
Value told(std::vector<std::string> arguments, const std::string& input = "") {
    arguments.emplace_back("--json");
    const auto done = as_admin(arguments, input);
    BOOST_TEST_REQUIRE(done.status == 0, done.all());
    const auto printed = scai::json::parse(done.out);
    BOOST_TEST_REQUIRE(static_cast<bool>(printed), done.all());
    return *printed;
}

void ends(int status, const std::string& words, const std::vector<std::string>& arguments,
          const std::string& input = "") {
    const auto done = as_admin(arguments, input);
    BOOST_TEST(done.status == status, done.all());
    BOOST_TEST(done.all().find(words) != std::string::npos, done.all());
}

bool holds(const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(api_scaivault_cli)

BOOST_AUTO_TEST_CASE(rotation_is_set_up_run_and_taken_down_from_the_command_line) {
    const auto rights = vault::allow("clirotation", "clirotation/**", R"(["admin"])", "user:admin@acme.test");
    vault::admin().expect(201, "PUT", "/v1/secrets/clirotation/a", R"({"data":{"password":"first"}})");
    const auto recipe = vault::admin().expect(
        201, "POST", "/v1/secret-policies",
        R"({"name":"cli pw","policy_type":"password","fields":[{"name":"password","generator":"random","config":{"length":24}}]})");
    const auto made =
        told({"rotation", "policies", "create", "cli monthly", "--interval", "30d", "--warn-before", "3d,1d",
              "--auto-generate", "true", "--secret-policy-id", recipe.member("id")});
    const auto id = made.member("id");
    BOOST_TEST(made.member("warn_before") == "3d,1d");
    BOOST_TEST(made.get("auto_generate").boolean().value());
    ends(0, "cli monthly", {"rotation", "policies", "list"});
    ends(5, "nothing to change: give --name, --interval", {"rotation", "policies", "update", id});
    BOOST_TEST(told({"rotation", "policies", "update", id, "--grace-period", "24h"}).member("grace_period") ==
               "24h");
    BOOST_TEST(!told({"rotation", "policies", "disable", id}).get("is_active").boolean().value());
    BOOST_TEST(told({"rotation", "policies", "list", "--active-only"}).get("data").dump().find(id) ==
               std::string::npos);
    BOOST_TEST(told({"rotation", "policies", "enable", id}).get("is_active").boolean().value());
    ends(4, "secret_not_found", {"rotation", "assign", id, "clirotation/none"});
    BOOST_TEST(told({"rotation", "assign", id, "clirotation/a"}).member("secret_path") == "clirotation/a");
    BOOST_TEST(told({"rotation", "due", "--within-hours", "800"}).get("data").at(0).member("secret_path") ==
               "clirotation/a");
    BOOST_TEST(told({"rotation", "rotate", id, "--secret-paths", "clirotation/a"}).at(0).member("status") ==
               "success");
    const auto read = vault::admin().expect(200, "GET", "/v1/secrets/clirotation/a");
    BOOST_TEST(read.get("data").member("password") != "first");
    const auto history = as_admin({"rotation", "history", id, "--status", "success"});
    BOOST_TEST(holds(history.out, "clirotation/a  success  1    2"), history.all());
    ends(0, "detached clirotation/a from " + id, {"rotation", "detach", id, "clirotation/a"});
    ends(0, "deleted " + id, {"rotation", "policies", "delete", id});
    ends(4, "rotation_policy_not_found", {"rotation", "policies", "get", id});
    vault::admin().expect(204, "DELETE", "/v1/policies/" + rights + "?force=true");
}

BOOST_AUTO_TEST_CASE(what_was_deleted_is_listed_with_the_end_of_its_time) {
    const auto rights = vault::allow("clideleted", "clideleted/**", R"(["admin"])", "user:admin@acme.test");
    vault::admin().expect(201, "PUT", "/v1/secrets/clideleted/a", R"({"data":{"k":"v"}})");
    ends(0, "scaivault secrets restore clideleted/a", {"secrets", "delete", "clideleted/a"});
    const auto shown = as_admin({"secrets", "list", "--deleted", "--prefix", "clideleted/"});
    BOOST_TEST(holds(shown.out, "RESTORE UNTIL"), shown.all());
    BOOST_TEST(holds(shown.out, "clideleted/a  kv    1"), shown.all());
    const auto row = told({"secrets", "list", "--deleted", "--prefix", "clideleted/"}).get("secrets").at(0);
    BOOST_TEST(row.get("restore_until").is_string());
    vault::admin().expect(204, "DELETE", "/v1/policies/" + rights + "?force=true");
}

BOOST_AUTO_TEST_CASE(webhooks_are_kept_from_the_command_line_and_their_secret_never_in_it) {
    const std::string old_secret = "0123456789abcdef0123456789abcdef";
    ends(5, "secret is missing",
         {"webhooks", "create", "cli hook", "https://hooks.example.test/v", "--events", "*"});
    const auto help = as_admin({"webhooks", "create", "--help"});
    BOOST_TEST(holds(help.out, "--secret-file"));
    BOOST_TEST(!holds(help.out, "--secret "));
    const auto made = told({"webhooks", "create", "cli hook", "http://127.0.0.1:1/v", "--events",
                            "rotation.due,secret.rotated", "--path-prefix", "clihooks/", "--tags", "a",
                            "--tags", "b", "--secret-file", "-"},
                           old_secret + "\n");
    const auto id = made.member("id");
    BOOST_TEST(made.get("filters").dump(true) == R"({"path_prefix":"clihooks/","tags":["a","b"]})");
    BOOST_TEST(!holds(made.dump(), old_secret));
    ends(0, "cli hook", {"webhooks", "list"});
    ends(1, "failed", {"webhooks", "test", id}); // nobody listens there
    const auto deliveries = told({"webhooks", "deliveries", id, "--limit", "1"}).get("deliveries");
    BOOST_TEST_REQUIRE(deliveries.size() == 1);
    ends(0, "pending", {"webhooks", "redeliver", id, deliveries.at(0).member("id")});
    const auto changed = told({"webhooks", "secret", id, "--secret-file", "-", "--previous-secret-ttl", "1h"},
                              "fedcba9876543210fedcba9876543210\n");
    BOOST_TEST(changed.get("previous_secret_expires_at").is_string());
    BOOST_TEST(!told({"webhooks", "update", id, "--enabled", "false"}).get("enabled").boolean().value());
    ends(5, "--enabled", {"webhooks", "update", id, "--enabled", "maybe"});
    ends(0, "deleted " + id, {"webhooks", "delete", id});
    ends(4, "webhook_not_found", {"webhooks", "get", id});
}

BOOST_AUTO_TEST_CASE(the_trail_is_read_with_filters_and_page_by_page) {
    for (int i = 0; i < 3; ++i)
        vault::admin().expect(404, "GET", "/v1/rotation/policies/rot_clinone");
    const std::vector<std::string> asked{
        "audit", "logs",    "--action", "rotation_policy_read", "--success",
        "false", "--limit", "2",        "--identity-id",        "user:admin@acme.test"};
    const auto first = told(asked);
    BOOST_TEST_REQUIRE(first.get("logs").size() == 2);
    BOOST_TEST(first.get("has_more").boolean().value());
    auto next = asked;
    next.insert(next.end(), {"--cursor", first.member("cursor")});
    const auto second = told(next);
    BOOST_TEST(second.get("logs").at(0).member("id") != first.get("logs").at(0).member("id"));
    const auto shown = as_admin(asked);
    BOOST_TEST(holds(shown.out, "TIME"));
    BOOST_TEST(holds(shown.err, "there is more: --cursor "), shown.all());
    ends(5, "query.from must be an RFC 3339 time", {"audit", "logs", "--from", "yesterday"});
    const auto denied = vault::cli(vault::service(), {"audit", "logs"});
    BOOST_TEST(denied.status == 3, denied.all());
    BOOST_TEST(vault::cli(vault::nobody(), {"audit", "logs"}).status == 2);
}

BOOST_AUTO_TEST_CASE(the_directory_and_roles_are_seen_and_changed) {
    BOOST_TEST(told({"identity", "resolve", "user:dag@acme.test"}).member("id") == "usr_demodag");
    BOOST_TEST(told({"identity", "resolve", "usr_demodag"}).member("email") == "dag@acme.test");
    ends(5, "\"dag\" is no identity", {"identity", "resolve", "dag"});
    ends(4, "identity_not_found", {"identity", "resolve", "user:nobody@acme.test"});
    ends(0, "tenant_admin", {"identity", "roles", "list"});
    ends(5, "roles", {"identity", "roles", "set", "user:bo@acme.test", "emperor"});
    BOOST_TEST(told({"identity", "roles", "set", "user:bo@acme.test", "tenant_admin"}).get("roles").dump() ==
               R"(["tenant_admin"])");
    BOOST_TEST(told({"identity", "roles", "clear", "user:bo@acme.test"}).get("roles").size() == 0);
    BOOST_TEST(told({"identity", "roles", "get", "user:bo@acme.test"}).get("roles").size() == 0);
    const auto users = told({"identity", "users", "tnt_demoacme"});
    BOOST_TEST(static_cast<std::int64_t>(users.get("users").size()) == users.get("total").integer().value());
    BOOST_TEST(told({"identity", "users", "tnt_demoacme", "--limit", "2"}).get("users").size() == 2);
    const auto run = told({"identity", "sync", "--tenant-id", "tnt_demoacme"});
    BOOST_TEST(run.member("status") == "pending");
    ends(0, run.member("sync_id"), {"identity", "status"});
}

BOOST_AUTO_TEST_SUITE_END()
