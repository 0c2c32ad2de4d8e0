// Doctor: each trouble has a line that names it. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/settings.hpp"
#include "lib/scaiflow/doctor/doctor.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_scaikey.hpp"
#include "tests/support/postgres.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

using namespace scai;
using namespace scaiflow;

namespace {

/// Answers by the start of the path; unknown paths are 404.
struct Upstream final : http::Client {
    Result<http::Response> send(const http::Request& request) override {
        if (down)
            return Error{ErrorKind::upstream, "connect", "cannot connect to id.example", "", {}, {}, {}};
        const std::string path = request.url.substr(std::string(::test::scaikey_url).size());
        http::Response answer = ::test::http_answer(404, "{}");
        for (const auto& [start, reply] : answers)
            if (path.starts_with(start))
                answer = ::test::http_answer(reply.first, reply.second);
        if (!date.empty())
            answer.headers.emplace_back("Date", date);
        if (!age.empty())
            answer.headers.emplace_back("Age", age);
        asked.push_back(path);
        return answer;
    }
    bool down = false;
    std::string date = "Wed, 20 May 2026 08:00:00 GMT", age;
    std::map<std::string, std::pair<int, std::string>> answers;
    std::vector<std::string> asked;
};

struct Fixture {
    Fixture() : db(::test::migrated_database("scaiflow")) {
        settings = {{"DATABASE_URL", db.url},
                    {"SCAIKEY_BASE_URL", ::test::scaikey_url},
                    {"SCAIFLOW_SCAIKEY_CLIENT_ID", "c"},
                    {"SCAIFLOW_SCAIKEY_CLIENT_SECRET", "very-secret"},
                    {"SCAIFLOW_SCAIKEY_WEBHOOK_SECRET", "hook-secret"},
                    {"SCAIFLOW_HOME_TENANT", "t1"}};
        upstream.answers = {
            {"/api/v1/platform/oauth/.well-known/openid-configuration",
             {200, R"({"issuer":"https://id.example"})"}},
            {"/api/v1/platform/.well-known/jwks.json", {200, ::test::public_keys().dump()}},
            {"/api/v1/platform/oauth/token",
             {200,
              R"({"access_token":"service-token","token_type":"Bearer","expires_in":3600,"scope":"admin:read groups:read"})"}},
            {"/api/v1/tenants/t1/applications/me/effective-users", {200, R"({"data":[]})"}},
            {"/api/v1/admin/groups/", {200, R"({"data":[]})"}},
        };
        db.sql("INSERT INTO scaiflow.tenants (id) VALUES ('t1');"
               "INSERT INTO scaiflow.users (tenant_id, id, email, seen_by, admin_role, admin_role_source) "
               "VALUES ('t1', 'ann', 'ann@x.example', 'effective_users', 'super_admin', 'manual')");
        db.sql("INSERT INTO scaiflow.webhook_events (event_id, type, handled, outcome, received_at) "
               "VALUES ('e1', 'user.created', true, 'applied', now() - interval '7 minutes')");
        sweep("done", "10 minutes");
    }
    void sweep(const std::string& outcome, const std::string& ago, const std::string& messages = "[]") {
        db.sql(
            "INSERT INTO scaiflow.sync_runs (id, trigger, dry_run, actor, started_at, finished_at, outcome, "
            "messages) VALUES ("
            "'run_' || (SELECT count(*) FROM scaiflow.sync_runs), 'cron', false, 'cron', now() - interval '" +
            ago + "', now(), '" + outcome + "', '" + messages + "')");
    }
    std::vector<doctor::Check> examine() {
        auto loaded = config::Settings::from_values(settings_table, settings);
        BOOST_REQUIRE(bool(loaded));
        return doctor::examine(*loaded, upstream, clock);
    }
    /// "ok", "warn", "fail" of the worst check of that name, "" when there is none
    std::string level(const std::string& name) {
        int worst = -1;
        for (const auto& check : examine())
            if (check.name == name)
                worst = std::max(worst, static_cast<int>(check.level));
        return worst < 0 ? ""
                         : std::vector<std::string>{"ok", "warn", "fail"}[static_cast<std::size_t>(worst)];
    }
    std::string text(const std::string& name) {
        std::string out;
        for (const auto& check : examine())
            if (check.name == name)
                out += check.text + " -> " + check.fix + "\n";
        return out;
    }
    ::test::Database db;
    std::map<std::string, std::string> settings;
    Upstream upstream;
    scai::test::FakeClock clock; // 2026-05-20T08:00:00Z
};

bool has(const std::string& all, const std::string& part) {
    return all.find(part) != std::string::npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(lib_scaiflow_doctor, Fixture)

BOOST_AUTO_TEST_CASE(a_healthy_system_has_nothing_to_complain_about) {
    // the tests' login is a superuser, which is worth its warning
    for (const auto& check : examine()) {
        BOOST_TEST_CONTEXT(check.name << ": " << check.text)
        BOOST_TEST((check.level == doctor::Level::ok || check.name == "roles"));
        BOOST_TEST(check.fix.empty() == (check.level == doctor::Level::ok));
        BOOST_TEST(!has(check.text + check.fix, "very-secret"));
        BOOST_TEST(!has(check.text + check.fix, "service-token"));
    }
    BOOST_TEST(examine().size() >= 14U);
}

BOOST_AUTO_TEST_CASE(missing_settings_are_named) {
    settings.erase("SCAIFLOW_SCAIKEY_CLIENT_SECRET");
    settings.erase("SCAIFLOW_SCAIKEY_WEBHOOK_SECRET");
    BOOST_TEST(has(text("settings"), "SCAIFLOW_SCAIKEY_CLIENT_SECRET"));
    BOOST_TEST(level("settings") == "fail");
    BOOST_TEST(level("webhook_secret") == "warn");
    BOOST_TEST(has(text("webhook_secret"), "503"));
    settings.erase("SCAIKEY_BASE_URL");
    BOOST_TEST(level("scaikey") == "");
    settings.erase("DATABASE_URL");
    BOOST_TEST(level("database") == "fail");
}

BOOST_AUTO_TEST_CASE(an_audience_scaikey_never_issues_is_named) {
    settings["SCAIKEY_AUDIENCE"] = "user-portal";
    BOOST_TEST(level("audience") == "warn");
    BOOST_TEST(has(text("audience"), "invalid token: Audience doesn't match"));
    settings["SCAIKEY_AUDIENCE"] = "user-portal,c";
    BOOST_TEST(level("audience") == "");
}

BOOST_AUTO_TEST_CASE(webhooks_that_do_not_arrive_are_found) {
    BOOST_TEST(has(text("webhooks"), "arrived 7 min ago"));
    db.sql("DELETE FROM scaiflow.webhook_events");
    BOOST_TEST(level("webhooks") == "warn");
    BOOST_TEST(has(text("webhooks"), "/api/v1/webhooks/scaikey"));
    settings.erase("SCAIFLOW_SCAIKEY_WEBHOOK_SECRET");
    BOOST_TEST(level("webhooks") == "");
}

BOOST_AUTO_TEST_CASE(deliveries_that_scaikey_could_not_make_are_found) {
    const std::string list = "/api/v1/admin/webhooks/";
    BOOST_TEST(level("webhook_delivery") == ""); // the credentials may not look
    upstream.answers[list] = {200, R"({"data":[{"id":"w0","url":"https://other.example/hook"}]})"};
    BOOST_TEST(has(text("webhook_delivery"), "scaikey-register"));
    upstream.answers[list] = {
        200, R"({"data":[{"id":"w1","url":"https://flow.example/api/v1/webhooks/scaikey","enabled":true}]})"};
    const auto newest = [&](const std::string& fields) {
        upstream.answers[list + "w1/deliveries"] = {200, R"({"data":[{"id":7,)" + fields + "}]}"};
        return text("webhook_delivery");
    };
    BOOST_TEST(
        has(newest(R"("last_status":200)"), "was taken by https://flow.example/api/v1/webhooks/scaikey"));
    BOOST_TEST(level("webhook_delivery") == "ok");
    BOOST_TEST(
        has(newest(R"("last_status":400,"last_error":"HTTP 400")"), "SCAIFLOW_SCAIKEY_WEBHOOK_SECRET"));
    BOOST_TEST(level("webhook_delivery") == "warn");
    BOOST_TEST(has(newest(R"("last_status":503)"), "Restart"));
    BOOST_TEST(has(newest(R"("last_status":null,"last_error":"refused")"), "failed: refused"));
    BOOST_TEST(newest(R"("last_status":null,"last_error":null)") == ""); // not tried yet
    upstream.answers[list] = {
        200,
        R"({"data":[{"id":"w1","url":"https://flow.example/api/v1/webhooks/scaikey","enabled":false}]})"};
    BOOST_TEST(has(text("webhook_delivery"), "disabled"));
}

BOOST_AUTO_TEST_CASE(a_tenant_id_that_scaikey_does_not_know_is_named) {
    settings["SCAIKEY_TENANT_ID"] = "acme";
    upstream.answers["/api/v1/admin/groups/"] = {404, "{}"};
    BOOST_TEST(has(text("scope_groups"), "does not know the tenant acme -> correct SCAIKEY_TENANT_ID"));
}

BOOST_AUTO_TEST_CASE(a_home_tenant_that_is_nowhere_is_the_setting_to_correct) {
    settings["SCAIFLOW_SUPER_ADMIN_GROUPS"] = "Admins";
    settings["SCAIFLOW_HOME_TENANT"] = "t9";
    BOOST_TEST(has(text("super_admin_groups"), "-> correct SCAIFLOW_HOME_TENANT"));
}

BOOST_AUTO_TEST_CASE(a_database_that_is_down_or_not_migrated_is_told_apart) {
    settings["DATABASE_URL"] = "postgresql:///x?host=/nowhere";
    BOOST_TEST(level("database") == "fail");
    BOOST_TEST(level("sweep_age") == "");
    BOOST_TEST(level("token") == "ok"); // the others are still examined
    const auto empty = ::test::empty_database();
    settings["DATABASE_URL"] = empty.url;
    BOOST_TEST(level("database") == "ok");
    BOOST_TEST(level("migrations") == "fail");
    BOOST_TEST(has(text("migrations"), "scaiflow-admin migrate"));
}

BOOST_AUTO_TEST_CASE(a_database_ahead_and_open_tables_are_failures) {
    db.sql("ALTER TABLE scaiflow.memberships DISABLE ROW LEVEL SECURITY");
    BOOST_TEST(level("row_level_security") == "fail");
    BOOST_TEST(has(text("row_level_security"), "memberships"));
    db.sql(
        "INSERT INTO scaiflow.schema_migrations (number, name, checksum) VALUES (999, '0999_future', 'x')");
    BOOST_TEST(level("migrations") == "fail");
    BOOST_TEST(has(text("migrations"), "999"));
}

BOOST_AUTO_TEST_CASE(scaikey_down_is_one_line) {
    upstream.down = true;
    BOOST_TEST(level("scaikey") == "fail");
    BOOST_TEST(level("token") == "");
    upstream.down = false;
    upstream.answers["/api/v1/platform/oauth/.well-known/openid-configuration"] = {502, "<html>"};
    BOOST_TEST(level("scaikey") == "fail");
    upstream.answers.erase("/api/v1/platform/oauth/.well-known/openid-configuration");
    BOOST_TEST(level("scaikey") == "warn"); // no discovery: the usual paths work
    BOOST_TEST(level("token") == "ok");
}

BOOST_AUTO_TEST_CASE(keys_and_credentials_that_do_not_work_are_failures) {
    upstream.answers["/api/v1/platform/.well-known/jwks.json"] = {200,
                                                                  R"({"keys":[{"kty":"oct","k":"AAAA"}]})"};
    upstream.answers["/api/v1/platform/oauth/token"] = {401, R"({"error":"invalid_client"})"};
    BOOST_TEST(level("keys") == "fail");
    BOOST_TEST(has(text("keys"), "check SCAIKEY_JWKS_URL"));
    upstream.answers["/api/v1/platform/.well-known/jwks.json"] = {503, ""};
    BOOST_TEST(has(text("keys"), "answers 503 -> "));
    BOOST_TEST(level("keys") == "fail");
    BOOST_TEST(level("token") == "fail");
    BOOST_TEST(has(text("token"), "invalid_client"));
    BOOST_TEST(level("scope_groups") == "");
}

BOOST_AUTO_TEST_CASE(scopes_are_judged_by_the_answers) {
    upstream.answers["/api/v1/tenants/t1/applications/me/effective-users"] = {
        403, R"({"detail":"Platform token requires admin:read or admin:write scope"})"};
    BOOST_TEST(level("scope_users") == "warn");
    BOOST_TEST(has(text("scope_users"), "admin:read"));
    upstream.answers["/api/v1/tenants/t1/applications/me/effective-users"] = {404, "{}"};
    BOOST_TEST(has(text("scope_users"), "not known in this tenant"));
    upstream.answers["/api/v1/admin/groups/"] = {403, "{}"};
    BOOST_TEST(level("scope_groups") == "fail");
    BOOST_TEST(has(text("scope_groups"), "groups:read"));
}

BOOST_AUTO_TEST_CASE(without_a_mirrored_tenant_the_first_listed_one_is_tried) {
    db.sql("UPDATE scaiflow.tenants SET deleted_at = now()");
    BOOST_TEST(level("scope_users") == "warn");
    upstream.answers["/api/v1/admin/tenants/"] = {200, R"({"data":[{"id":"t1"}]})"};
    BOOST_TEST(level("scope_users") == "ok");
}

BOOST_AUTO_TEST_CASE(a_wrong_clock_is_found) {
    clock.advance(std::chrono::seconds(20));
    BOOST_TEST(level("clock") == "warn");
    BOOST_TEST(has(text("clock"), "20 s ahead of"));
    clock.advance(std::chrono::seconds(-200));
    BOOST_TEST(level("clock") == "fail");
    BOOST_TEST(has(text("clock"), "180 s behind"));
    upstream.age = "180"; // an answer out of a cache
    BOOST_TEST(level("clock") == "fail");
    clock.advance(std::chrono::seconds(360));
    BOOST_TEST(level("clock") == "ok");
    upstream.date = "Sunday, 06-Nov-94 08:49:37 GMT";
    BOOST_TEST(has(text("clock"), "cannot be read"));
    upstream.date = "";
    BOOST_TEST(has(text("clock"), "no Date header"));
    BOOST_TEST(level("clock") == "warn");
}

BOOST_AUTO_TEST_CASE(a_sweep_that_stopped_coming_is_found) {
    BOOST_TEST(level("sweep_age") == "ok");
    settings["SCAIFLOW_SYNC_INTERVAL_MINUTES"] = "3";
    BOOST_TEST(level("sweep_age") == "warn");
    settings["SCAIFLOW_SYNC_INTERVAL_MINUTES"] = "2";
    BOOST_TEST(level("sweep_age") == "fail");
    settings["SCAIFLOW_SYNC_INTERVAL_MINUTES"] = "0";
    BOOST_TEST(level("sweep_age") == "warn");
    db.sql("DELETE FROM scaiflow.sync_runs");
    BOOST_TEST(level("sweep_age") == "fail");
    BOOST_TEST(level("sweep_outcome") == "");
}

BOOST_AUTO_TEST_CASE(the_last_outcome_is_told_in_words) {
    sweep("partial", "1 minute",
          R"([{"level":"warning","code":"group_unknown","text":"group ops could not be read"}])");
    BOOST_TEST(level("sweep_outcome") == "warn");
    BOOST_TEST(has(text("sweep_outcome"), "group ops could not be read"));
    for (const char* outcome : {"breaker", "failed", "unavailable", "killed"}) {
        sweep(outcome, "1 minute");
        BOOST_TEST(level("sweep_outcome") == "fail");
    }
    sweep("skipped", "1 minute"); // says nothing
    BOOST_TEST(level("sweep_outcome") == "fail");
    sweep("done", "1 minute");
    sweep("unavailable", "1 minute"); // of one tenant, whose id was mistyped
    db.sql("UPDATE scaiflow.sync_runs SET result = '{\"only_tenant\":\"acme\"}' "
           "WHERE number = (SELECT max(number) FROM scaiflow.sync_runs)");
    BOOST_TEST(level("sweep_outcome") == "ok");
}

BOOST_AUTO_TEST_CASE(nobody_super_admin_and_bad_entries_are_warnings) {
    db.sql("UPDATE scaiflow.users SET status = 'DISABLED';"
           "INSERT INTO scaiflow.pending_grants (email, role, source, requested_by) VALUES ('x@x', "
           "'super_admin', 'manual', 'cli:a')");
    settings["SCAIFLOW_SUPER_ADMIN_GROUPS"] = "typo";
    BOOST_TEST(level("super_admins") == "warn");
    BOOST_TEST(level("super_admin_groups") == "warn");
    BOOST_TEST(has(text("super_admin_groups"), "typo"));
    BOOST_TEST(level("pending_grants") == "warn");
}

BOOST_AUTO_TEST_CASE(http_dates_are_read_strictly) {
    const auto good = doctor::parse_http_date("Wed, 20 May 2026 08:00:00 GMT");
    BOOST_REQUIRE(good.has_value());
    BOOST_TEST(unix_seconds(*good) == 1'779'264'000);
    for (const char* bad :
         {"", "Wed, 20 May 2026 08:00:00 UTC", "Wed, 20 Mai 2026 08:00:00 GMT",
          "Wed, 32 May 2026 08:00:00 GMT", "2026-05-20T08:00:00Z", "Wednesday, 20-May-26 08:00:00 GMT"})
        BOOST_TEST(!doctor::parse_http_date(bad).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
