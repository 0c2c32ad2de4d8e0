// One small story a group, through nginx, with the jobs as the programs cron starts. SPDX-License-Identifier:
// Apache-2.0
#include "tests/api/scaivault/vault_caller.hpp"

#include "lib/crypto/crypto.hpp"
#include "tests/support/files.hpp"
#include "tests/support/http_server.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace vault = test::vault;
namespace fs = std::filesystem;
using scai::json::Value;

namespace {

/// A job as cron starts it, once no other run of it is under way; the object it prints.
Value job(const std::string& name, std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), "--json");
    test::Finished done;
    BOOST_TEST(test::eventually(
        [&] {
            done = vault::stack().program("scaivault-job-" + name, arguments);
            return done.status != 75;
        },
        std::chrono::seconds(70)));
    BOOST_TEST_REQUIRE(done.status == 0, name << " ended with " << done.status << ": " << done.all());
    const auto printed = scai::json::parse(done.out);
    BOOST_TEST_REQUIRE(static_cast<bool>(printed), done.out);
    return *printed;
}

std::int64_t number(const Value& value, std::string_view member) {
    return value.get(member).integer().value_or(-1);
}

bool for_its_owner_alone(const fs::path& path) {
    return (fs::status(path).permissions() & fs::perms::all) ==
           (fs::perms::owner_read | fs::perms::owner_write);
}

/// The service account may everything below stories/.
void let_the_service_in() {
    static const auto id = vault::allow("stories", "stories/**", R"(["admin"])", "sa:scaivault-demo");
    BOOST_TEST(!id.empty());
}

} // namespace

BOOST_AUTO_TEST_SUITE(api_scaivault_story)

BOOST_AUTO_TEST_CASE(secrets_are_written_read_removed_and_brought_back) {
    let_the_service_in();
    const auto who = vault::service();
    const std::string path = "/v1/secrets/stories/secrets/login";
    who.expect(201, "PUT", path, R"({"data":{"user":"svc","pass":"one"},"metadata":{"tags":["demo"]}})");
    const auto read = who.get(path);
    BOOST_TEST(read.status == 200);
    BOOST_TEST(read.json.get("data").member("pass") == "one");
    const auto tag = read.raw.header("ETag");
    BOOST_TEST(who.get(path, {{"If-None-Match", tag}}).status == 304);
    BOOST_TEST(number(who.expect(200, "PUT", path, R"({"data":{"pass":"two"}})", {{"If-Match", tag}}),
                      "version") == 2);
    const auto conflict = who.send("PUT", path, R"({"data":{"pass":"three"}})", {{"If-Match", tag}});
    BOOST_TEST(conflict.status == 409);
    BOOST_TEST(conflict.code() == "version_conflict");
    BOOST_TEST(who.expect(200, "GET", path + "?version=1").get("data").member("pass") == "one");
    BOOST_TEST(number(who.expect(200, "GET", path + "/metadata"), "version_count") == 2);
    who.expect(200, "DELETE", path);
    BOOST_TEST(who.get(path).code() == "secret_not_found");
    BOOST_TEST(who.send("PUT", path, R"({"data":{}})").code() == "secret_exists");
    who.expect(200, "POST", path + "/restore");
    BOOST_TEST(who.expect(200, "GET", path).get("data").member("pass") == "two");
    const auto list = who.expect(200, "GET", "/v1/secrets?prefix=stories/secrets/&tags=demo");
    BOOST_TEST(list.get("secrets").at(0).member("path") == "stories/secrets/login");
    BOOST_TEST(list.get("secrets").dump() == list.get("data").dump());
    const auto batch =
        who.expect(200, "POST", "/v1/secrets/batch",
                   R"({"paths":["stories/secrets/login","stories/secrets/none","elsewhere/x"]})");
    BOOST_TEST(batch.get("secrets").get("stories/secrets/login").get("data").member("pass") == "two");
    BOOST_TEST(batch.get("errors").get("stories/secrets/none").member("code") == "secret_not_found");
    BOOST_TEST(batch.get("errors").get("elsewhere/x").member("code") == "access_denied");
    for (const char* bad :
         {"/v1/secrets/Stories/x", "/v1/secrets/stories//x", "/v1/secrets/stories/%2e%2e/x"})
        BOOST_TEST(who.get(bad).status == 400, bad);
}

BOOST_AUTO_TEST_CASE(a_policy_counts_from_the_next_request_on_and_explains_itself) {
    const auto admin = vault::admin();
    const auto who = vault::service();
    const std::string path = "/v1/secrets/policystory/a";
    BOOST_TEST(who.send("PUT", path, R"({"data":{"k":"v"}})").code() == "access_denied");
    const auto id = vault::allow("policystory", "policystory/*", R"(["read","write"])", "sa:scaivault-demo");
    who.expect(201, "PUT", path, R"({"data":{"k":"v"}})");
    const auto test = [&](const std::string& asked) {
        return admin.expect(200, "POST", "/v1/policies/test",
                            R"({"identity_id":"sa:scaivault-demo","permission":"read","path":")" + asked +
                                "\"}");
    };
    BOOST_TEST(test("policystory/a").get("allowed").boolean().value());
    const auto miss = test("policystory/a/b");
    BOOST_TEST(!miss.get("allowed").boolean().value());
    BOOST_TEST(miss.get("nearest_miss").member("hint") == "would match as policystory/**");
    const auto can = admin.expect(200, "GET", "/v1/policies/who-can?path=policystory/a&permission=read");
    BOOST_TEST(can.dump().find("sa:scaivault-demo") != std::string::npos);
    admin.expect(200, "PATCH", "/v1/policies/" + id, R"({"is_active":false})");
    BOOST_TEST(who.get(path).code() == "access_denied");
    admin.expect(200, "PATCH", "/v1/policies/" + id,
                 R"({"is_active":true,"rules":[{"path_pattern":"policystory/*","permissions":["read"],)"
                 R"("conditions":{"ip_ranges":["192.0.2.0/24"]}}]})");
    const auto denied = who.get(path);
    BOOST_TEST(denied.status == 403);
    BOOST_TEST(denied.code() == "ip_not_allowed");
    BOOST_TEST(!denied.json.get("error").get("details").get("trace").present()); // not for everybody
    BOOST_TEST(vault::ordinary().send("POST", "/v1/policies", R"({"name":"x","rules":[]})").code() ==
               "insufficient_scope");
    const auto bad = admin.send("POST", "/v1/policies",
                                R"({"name":"x","rules":[{"path_pattern":"/a","permissions":["read"]}]})");
    BOOST_TEST(bad.status == 400);
    BOOST_TEST(bad.code() == "invalid_glob");
}

BOOST_AUTO_TEST_CASE(the_trail_is_asked_sealed_and_exported) {
    let_the_service_in();
    auto& stack = vault::stack();
    const auto admin = vault::admin();
    const auto who = vault::service();
    who.send("PUT", "/v1/secrets/stories/audit/a", R"({"data":{"k":"v"}})",
             {{"X-Request-ID", "req_auditstory1"}});
    who.get("/v1/secrets/elsewhere/a", {{"X-Request-ID", "req_auditstory2"}});
    const auto row = [&](const std::string& id) {
        return admin.expect(200, "GET", "/v1/audit/logs?request_id=" + id).get("logs").at(0);
    };
    BOOST_TEST(row("req_auditstory1").member("action") == "write");
    BOOST_TEST(row("req_auditstory1").member("identity_id") == "sa:scaivault-demo");
    BOOST_TEST(!row("req_auditstory2").get("success").boolean().value());
    BOOST_TEST(row("req_auditstory2").member("source_ip") == "127.0.0.1");
    BOOST_TEST(admin.expect(200, "GET", "/v1/audit/secrets/stories/audit/a").get("logs").size() == 1U);
    BOOST_TEST(
        admin.expect(200, "GET", "/v1/audit/identities/sa:scaivault-demo?limit=1").get("logs").size() == 1U);
    BOOST_TEST(number(admin.expect(200, "GET", "/v1/audit/summary"), "failed_events") > 0);
    BOOST_TEST(who.get("/v1/audit/logs").code() == "insufficient_scope");

    job("audit-seal");
    const auto verified = stack.program("scaivault", {"audit", "verify", "--json"});
    BOOST_TEST(verified.status == 0, verified.all());
    // To files, by the operator.
    const auto folder = fs::path(stack.folder()) / "export";
    fs::create_directories(folder);
    const auto done =
        stack.program("scaivault", {"audit", "export", "tnt_demoacme", "--from", "2026-01-01T00:00:00Z",
                                    "--out", folder.string(), "--json"});
    BOOST_TEST_REQUIRE(done.status == 0, done.all());
    std::string lines;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            lines += test::slurp(entry.path());
    BOOST_TEST(lines.find("req_auditstory1") != std::string::npos);

    // To a bucket, by the API and the job.
    scai::test::HttpServer s3([](const scai::test::HttpRequest&) { return scai::test::HttpReply{}; });
    vault::allow("export-keys", "infra/**", R"(["admin"])", "user:admin@acme.test");
    admin.expect(201, "PUT", "/v1/secrets/infra/s3",
                 R"({"data":{"access_key_id":"AK","secret_access_key":"SK","region":"eu-west-1"}})");
    const auto wanted =
        admin.expect(202, "POST", "/v1/audit/export",
                     R"({"from":"2026-01-01T00:00:00Z","format":"csv","filters":{"action":"write"},)"
                     R"("destination":{"type":"s3","bucket":"trail","prefix":"x/",)"
                     R"("credentials_path":"infra/s3"}})");
    // cron's own run would go to AWS: this one comes first, or cron's has failed and is tried again.
    auto environment = test::clean_environment();
    environment["SCAIVAULT_ENV_FILE"] = stack.folder() + "/var/scaivault.env";
    environment["OBJECT_STORE_ENDPOINT"] = s3.url();
    const char* bin = std::getenv("SCAI_BIN");
    const auto exporter = (bin != nullptr ? std::string(bin) : "build/bin") + "/scaivault-job-audit-export";
    const auto run = test::run({exporter, "--json"}, environment);
    BOOST_TEST(run.status == 0, run.all());
    const auto exported = admin.expect(200, "GET", "/v1/audit/exports/" + wanted.member("export_id"));
    BOOST_TEST(exported.member("status") == "completed", exported.dump());
    BOOST_TEST_REQUIRE(s3.count("/trail/x/") > 0U);
    BOOST_TEST(s3.requests().at(0).header("Authorization").find("Credential=AK/") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_secret_rotates_by_its_policy_and_tells_a_webhook_that_can_verify_it) {
    let_the_service_in();
    auto& stack = vault::stack();
    const auto admin = vault::admin();
    const std::string key = "0123456789abcdef0123456789abcdef";
    scai::test::HttpServer receiver([](const scai::test::HttpRequest&) { return scai::test::HttpReply{}; });
    const auto hook =
        admin.expect(201, "POST", "/v1/webhooks",
                     R"({"name":"story","url":")" + receiver.url("/hook") + R"(","secret":")" + key +
                         R"(","events":["secret.rotated"],"filters":{"path_prefix":"stories/rot"}})");
    const auto recipe = admin.expect(
        201, "POST", "/v1/secret-policies",
        R"({"name":"story","fields":[{"name":"pass","generator":"random","config":{"length":24}}]})");
    const auto policy =
        admin.expect(201, "POST", "/v1/rotation/policies",
                     R"({"name":"story","interval":"30d","auto_generate":true,"secret_policy_id":")" +
                         recipe.member("id") + "\"}");
    const auto policy_path = "/v1/rotation/policies/" + policy.member("id");
    vault::service().expect(201, "PUT", "/v1/secrets/stories/rotated",
                            R"({"data":{"user":"svc","pass":"old"}})");
    admin.expect(201, "POST", policy_path + "/secrets", R"({"secret_path":"stories/rotated"})");
    const auto metadata = [] {
        return vault::service().expect(200, "GET", "/v1/secrets/stories/rotated/metadata").get("rotation");
    };
    BOOST_TEST(metadata().member("status") == "scheduled");
    stack.sql("UPDATE scaivault.rotation_schedules SET next_rotation_at = now() - interval '1 minute', "
              "look_at = now() "
              "WHERE path = 'stories/rotated'");
    BOOST_TEST(test::eventually(
        [&] {
            job("rotate"); // or cron was first
            return !metadata().get("last_rotated_at").is_null();
        },
        std::chrono::seconds(30)));
    const auto data = vault::service().expect(200, "GET", "/v1/secrets/stories/rotated").get("data");
    BOOST_TEST(data.member("user") == "svc");
    BOOST_TEST(data.member("pass").size() == 24U);
    BOOST_TEST(admin.expect(200, "GET", policy_path + "/history").get("data").at(0).member("status") ==
               "success");

    BOOST_TEST_REQUIRE(test::eventually(
        [&] {
            stack.program("scaivault-job-deliver"); // or cron's, which watches
            return receiver.count("/hook") > 0;
        },
        std::chrono::seconds(70)));
    const auto call = receiver.requests().at(0);
    BOOST_TEST(call.header("X-ScaiVault-Event-Type") == "secret.rotated");
    BOOST_TEST(call.header("X-ScaiVault-Signature") ==
               "sha256=" + scai::crypto::to_hex(scai::crypto::hmac_sha256(
                               key, call.header("X-ScaiVault-Timestamp") + "." + call.body)));
    BOOST_TEST(call.body.find(data.member("pass")) == std::string::npos);
    const auto hook_path = "/v1/webhooks/" + hook.member("id");
    BOOST_TEST(test::eventually([&] {
        return admin.expect(200, "GET", hook_path + "/deliveries").get("deliveries").at(0).member("status") ==
               "success";
    }));
    admin.expect(200, "POST", hook_path + "/test");
    BOOST_TEST(receiver.requests().back().header("X-ScaiVault-Event-Type") == "webhook.test");
    const auto metrics = vault::nobody().get("/v1/metrics").raw.body;
    for (const char* series :
         {"scaivault_secret_rotations_total{binary=\"scaivault-jobs\",status=\"success\"}",
          "scaivault_rotation_queue_depth ", "scaivault_webhook_queue_depth "})
        BOOST_TEST(metrics.find(series) != std::string::npos, series);
    BOOST_TEST(test::eventually([] { // written when a look at the queue is over
        return vault::nobody()
                   .get("/v1/metrics")
                   .raw.body.find(
                       "scaivault_webhook_deliveries_total{binary=\"scaivault-jobs\",status=\"success\"}") !=
               std::string::npos;
    }));
    BOOST_TEST(admin.send("DELETE", hook_path).status == 204);
    BOOST_TEST(vault::ordinary().get(hook_path).code() == "insufficient_scope");
}

BOOST_AUTO_TEST_CASE(a_subscription_hears_of_writes_reads_and_denials) {
    let_the_service_in();
    const auto admin = vault::admin();
    vault::allow("listener", "stories/**", R"(["list"])", "user:admin@acme.test");
    const auto made =
        admin.expect(201, "POST", "/v1/subscriptions",
                     R"({"name":"story","paths":["stories/heard/**"],)"
                     R"("events":["secret.*","policy.violation"],"delivery":{"type":"polling"}})");
    const auto path = "/v1/subscriptions/" + made.member("id");
    const auto who = vault::service();
    who.expect(201, "PUT", "/v1/secrets/stories/heard/a", R"({"data":{"k":"v"}})");
    std::string heard;
    BOOST_TEST(test::eventually([&] {
                   who.expect(200, "GET", "/v1/secrets/stories/heard/a");
                   vault::ordinary().get("/v1/secrets/stories/heard/a"); // no policy for him
                   auto acked = Value::array();
                   admin.expect(200, "GET", path + "/poll?timeout=0")
                       .get("events")
                       .each_item([&](const Value& event) {
                           heard += event.member("event_type") + "(" + event.member("path") + ") ";
                           acked.push(event.get("event_id"));
                       });
                   if (acked.size() > 0)
                       admin.expect(200, "POST", path + "/ack", Value::object({{"event_ids", acked}}).dump());
                   return heard.find("secret.created(stories/heard/a)") != std::string::npos &&
                          heard.find("secret.accessed(stories/heard/a)") != std::string::npos &&
                          heard.find("policy.violation(stories/heard/a)") != std::string::npos;
               }),
               heard);
    // A long poll comes back with what happens meanwhile.
    BOOST_TEST(admin.send("DELETE", path).status == 204);
    BOOST_TEST(admin.get(path).code() == "subscription_not_found");
}

BOOST_AUTO_TEST_CASE(the_directory_is_copied_resolved_and_synchronised) {
    auto& stack = vault::stack();
    const auto admin = vault::admin();
    job("identity-sync");
    const auto users = admin.expect(200, "GET", "/v1/identity/tenants/tnt_demoacme/users?q=bo@acme.test");
    BOOST_TEST(number(users, "total") == 1);
    BOOST_TEST(users.get("users").at(0).member("id") == "usr_demobo");
    BOOST_TEST(admin.expect(200, "GET", "/v1/identity/resolve/user/bo@acme.test").member("id") ==
               "usr_demobo");
    BOOST_TEST(admin.get("/v1/identity/resolve/user/nobody@acme.test").code() == "identity_not_found");
    const auto asked = admin.expect(202, "POST", "/v1/identity/sync?tenant_id=tnt_demoacme");
    BOOST_TEST(test::eventually(
        [&] {
            stack.program("scaivault-job-identity-sync", {"--if-due"});
            std::string status;
            admin.expect(200, "GET", "/v1/identity/sync/history")
                .get("syncs")
                .each_item([&](const Value& sync) {
                    if (sync.member("sync_id") == asked.member("sync_id"))
                        status = sync.member("status");
                });
            return status == "completed";
        },
        std::chrono::seconds(60)));
    BOOST_TEST(vault::ordinary().get("/v1/identity/tenants/tnt_demoglobex/users").code() ==
               "tenant_access_denied");
    const auto roles = "/v1/identity/users/usr_demoalice/roles";
    admin.expect(200, "PUT", roles, R"({"roles":["tenant_admin"]})");
    BOOST_TEST(admin.expect(200, "GET", roles).get("roles").dump() == R"(["tenant_admin"])");
    BOOST_TEST(vault::ordinary().send("PUT", roles, R"({"roles":[]})").status == 403);
}

BOOST_AUTO_TEST_CASE(jobs_do_their_work_as_programs) {
    let_the_service_in();
    auto& stack = vault::stack();
    const auto who = vault::service();
    who.expect(201, "PUT", "/v1/secrets/stories/jobs/old",
               R"({"data":{"k":"v"},"options":{"expires_in":"1d"}})");
    who.expect(200, "DELETE", "/v1/secrets/stories/jobs/old");
    stack.sql("UPDATE scaivault.secrets SET recoverable_until = now() - interval '1 day' WHERE path = "
              "'stories/jobs/old'");
    job("purge");
    BOOST_TEST(stack.sql("SELECT count(*) FROM scaivault.secrets WHERE path = 'stories/jobs/old'") == "0");
    who.expect(201, "PUT", "/v1/secrets/stories/jobs/due",
               R"({"data":{"k":"v"},"options":{"expires_in":"40d"}})");
    stack.sql(
        "UPDATE scaivault.secrets SET expires_at = now() + interval '5 days', notice_at = now() WHERE path = "
        "'stories/jobs/due'");
    BOOST_TEST(test::eventually([&] {
        job("expire");
        return stack.sql(
                   "SELECT count(*) FROM scaivault.events WHERE event_type = 'secret.expiring' AND path = "
                   "'stories/jobs/due'") != "0";
    }));
    // The root key is changed, and everything is under the new one without a moment's refusal.
    const auto rotated = stack.program("scaivault", {"keys", "rotate-tenant", "tnt_demoacme"});
    BOOST_TEST(rotated.status == 0, rotated.all());
    job("rewrap");
    BOOST_TEST(who.expect(200, "GET", "/v1/secrets/stories/jobs/due").get("data").member("k") == "v");
    for (const char* name :
         {"audit-seal", "audit-export", "rotate", "expire", "purge", "rewrap", "deliver"}) {
        const auto unknown = stack.program(std::string("scaivault-job-") + name, {"--no-such-option"});
        BOOST_TEST(unknown.status == 64, name << ": " << unknown.all());
        const auto dry = stack.program(std::string("scaivault-job-") + name, {"--dry-run", "--json"});
        BOOST_TEST((dry.status == 0 || dry.status == 75), name << ": " << dry.all());
    }
    BOOST_TEST(number(job("identity-sync", {"--if-due"}), "runs") <= 1);
}

BOOST_AUTO_TEST_CASE(the_command_line_does_what_a_shell_needs) {
    let_the_service_in();
    const auto folder = fs::path(vault::stack().folder()) / "shell";
    fs::create_directories(folder);
    const auto write = [&](const std::string& name, const std::string& text) {
        std::ofstream(folder / name) << text;
        return (folder / name).string();
    };
    // 0: in by standard input, out by field, as JSON, by program and by template.
    const auto put = vault::cli(
        {"secrets", "write", "stories/cli/login", "pass=-", "user=@" + write("user", "svc\n")}, "s3cret\n");
    BOOST_TEST(put.status == 0, put.all());
    BOOST_TEST(vault::cli({"secrets", "read", "stories/cli/login", "--field", "pass"}).out == "s3cret\n");
    const auto json = scai::json::parse(vault::cli({"secrets", "read", "stories/cli/login", "--json"}).out);
    BOOST_TEST_REQUIRE(static_cast<bool>(json));
    BOOST_TEST(json->get("data").member("user") == "svc");
    const auto ran = vault::cli({"run", "--env", "PW=stories/cli/login#pass", "--", "sh", "-c",
                                 "printf %s \"$PW/${SCAIVAULT_TOKEN:-none}\"; exit 7"});
    BOOST_TEST(ran.out == "s3cret/none");
    BOOST_TEST(ran.status == 7);
    const auto out = (folder / "out").string();
    const auto rendered = vault::cli(
        {"render", "-", "--out", out},
        R"(user={{ secret "stories/cli/login" "user" }} p={{ secret "stories/cli/login" "pass" | base64 }})");
    BOOST_TEST(rendered.status == 0, rendered.all());
    BOOST_TEST(test::slurp(out) == "user=svc p=czNjcmV0");
    BOOST_TEST(for_its_owner_alone(out));
    const auto imported =
        vault::cli({"import", "env", write("app.env", "DB_URL=postgres://x\n# note\nAPI_KEY='a b'\n"),
                    "--path", "stories/cli/env"});
    BOOST_TEST(imported.status == 0, imported.all());
    BOOST_TEST(vault::cli({"secrets", "read", "stories/cli/env", "--field", "API_KEY"}).out == "a b\n");
    BOOST_TEST(vault::cli({"secrets", "list", "--prefix", "stories/cli/"}).out.find("stories/cli/env") !=
               std::string::npos);
    // Signed in, the token is remembered for its owner alone.
    const auto login =
        vault::cli(vault::nobody(), {"auth", "login", "--token-file", "-"}, vault::service().token());
    BOOST_TEST(login.status == 0, login.all());
    const auto config = fs::path(vault::stack().folder()) / ".scaivault" / "config.json";
    BOOST_TEST(for_its_owner_alone(config));
    BOOST_TEST(vault::cli(vault::nobody(), {"auth", "whoami"}).out.find("sa:scaivault-demo") !=
               std::string::npos);
    BOOST_TEST(vault::cli(vault::nobody(), {"auth", "logout"}).status == 0);
    // 1: no server; 2: no or a bad token; 3: not allowed; 4: not there; 5: cannot be meant.
    BOOST_TEST(vault::cli({"auth", "whoami", "--url", "http://127.0.0.1:9"}).status == 1);
    BOOST_TEST(vault::cli(vault::nobody(), {"auth", "whoami"}).status == 2);
    BOOST_TEST(vault::cli(vault::Caller("nonsense"), {"auth", "whoami"}).status == 2);
    BOOST_TEST(vault::cli({"secrets", "read", "elsewhere/x"}).status == 3);
    BOOST_TEST(vault::cli({"secrets", "read", "stories/cli/none"}).status == 4);
    BOOST_TEST(vault::cli({"secrets", "read", "stories/cli/login", "--field", "none"}).status == 4);
    for (const auto& wrong :
         {std::vector<std::string>{"secrets", "read", "Stories/X"},
          std::vector<std::string>{"secrets", "write", "stories/cli/login", "pass=in-the-history"},
          std::vector<std::string>{"secrets", "write", "stories/cli/login", "pass=-", "--cas", "0"},
          std::vector<std::string>{"no-such-command"}}) {
        const auto refused = vault::cli(wrong, "x");
        BOOST_TEST(refused.status == 5, refused.all());
    }
}

BOOST_AUTO_TEST_SUITE_END()
