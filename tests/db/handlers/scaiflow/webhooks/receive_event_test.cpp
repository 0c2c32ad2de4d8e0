// POST /v1/webhooks/scaikey: every answer of contract scaiflow-api.md 5.2. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaiflow/webhooks/handlers.hpp"
#include "lib/crypto/crypto.hpp"
#include "tests/support/captured_log.hpp"
#include "tests/support/flow_api.hpp"

#include <boost/test/unit_test.hpp>

namespace {

constexpr const char* path = "/api/v1/webhooks/scaikey";
const std::string secret = "whsec-demo-key";

/// The test vector of contract scaikey.md 14.2.
const std::string vector_body =
    R"({"actor":{"id":"usr_adm1","type":"admin"},"data":{"group_id":"grp_ops","user_id":"usr_bo1"},"event_id":"evt_T3stVect0r000001","event_type":"group.member_added","partner_id":"prt_p1","resource":{"id":"grp_ops","type":"group"},"tenant_id":"tnt_t1","timestamp":"2026-05-20T08:00:00Z"})";
const std::string vector_v1 = "8a299b8d729dde950238fca2e316276a52e1e1daa8652df1ad236b16a0157f12";

struct Api : test::FlowApi {
    explicit Api(Settings settings = {{"SCAIFLOW_SCAIKEY_WEBHOOK_SECRET", secret}})
        : FlowApi("webhooks", scaiflow::webhooks_api::routes(), std::move(settings)) {
        db.sql("INSERT INTO scaiflow.tenants (id) VALUES ('tnt_t1')");
    }
    Headers signed_headers(const std::string& body, const std::string& key = secret) const {
        const std::string t = std::to_string(clock.seconds());
        return {{"x-scaikey-signature",
                 "t=" + t + ",v1=" + scai::crypto::to_hex(scai::crypto::hmac_sha256(key, t + "." + body))},
                {"x-scaikey-timestamp", t}};
    }
    test::FlowAnswer send(const std::string& body) { return call("POST", path, body, signed_headers(body)); }
    std::string count(const std::string& table) { return db.value("SELECT count(*) FROM scaiflow." + table); }
    /// What the gate would find of a user of tnt_t1.
    bool let_in(const std::string& user) {
        const auto found = scaiflow::find_principal(context().pool, "tnt_t1", user);
        return found && found->status == "ACTIVE" && !found->deleted;
    }
};

const std::string created =
    R"({"event_id":"evt_1","event_type":"user.created","timestamp":"2026-05-20T07:59:59Z","tenant_id":"tnt_t1","data":{"id":"usr_bo1","email":"bo@acme.test","display_name":"Bo","status":"ACTIVE"}})";

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_webhooks_receive_event)

BOOST_AUTO_TEST_CASE(vector_of_the_contract_is_applied) {
    Api api;
    const auto answer = api.call(
        "POST", path, vector_body,
        {{"x-scaikey-signature", "t=1779264000,v1=" + vector_v1}, {"x-scaikey-timestamp", "1779264000"}});
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.body == R"({"handled":true})");
    BOOST_TEST(api.db.value("SELECT group_id || '/' || user_id FROM scaiflow.memberships") ==
               "grp_ops/usr_bo1");
    BOOST_TEST(api.db.value("SELECT event_id FROM scaiflow.webhook_events") == "evt_T3stVect0r000001");
}

BOOST_AUTO_TEST_CASE(the_log_names_each_event_and_what_came_of_it) {
    Api api;
    test::CapturedLog log;
    api.send(created);
    api.send(created);
    const auto text = log.text();
    for (const char* outcome : {"applied", "duplicate"})
        BOOST_TEST(text.find(std::string(R"("event":"webhook","event_id":"evt_1","type":"user.created",)"
                                         R"("tenant":"tnt_t1","outcome":")") +
                             outcome) != std::string::npos,
                   text);
    BOOST_TEST(text.find("bo@acme.test") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(both_mounts_are_served) {
    Api api;
    BOOST_TEST(api.call("POST", "/v1/webhooks/scaikey", created, api.signed_headers(created)).status == 200);
    BOOST_TEST(api.count("users") == "1");
}

BOOST_AUTO_TEST_CASE(unset_secret_is_503_whatever_comes) {
    for (const auto* value : {"", " ", ",", " , "}) {
        Api api(Api::Settings{{"SCAIFLOW_SCAIKEY_WEBHOOK_SECRET", value}});
        for (const auto& answer : {api.send(created), api.call("POST", path, "not json"),
                                   api.call("POST", path, created, api.signed_headers(created, ""))}) {
            BOOST_TEST(answer.status == 503);
            BOOST_TEST(answer.detail().find("SCAIFLOW_SCAIKEY_WEBHOOK_SECRET") != std::string::npos);
        }
        BOOST_TEST(api.count("webhook_events") == "0");
    }
}

BOOST_AUTO_TEST_CASE(missing_or_bad_signature_or_timestamp_is_400_and_says_which) {
    Api api;
    const auto good = api.signed_headers(created);
    const auto without = [&](const char* name) {
        auto headers = good;
        headers.erase(name);
        return api.call("POST", path, created, headers);
    };
    const auto with = [&](const char* name, const std::string& value) {
        auto headers = good;
        headers[name] = value;
        return api.call("POST", path, created, headers);
    };
    const std::vector<std::pair<test::FlowAnswer, std::string>> answers = {
        {api.call("POST", path, created), "missing signature"},
        {without("x-scaikey-signature"), "missing signature"},
        {without("x-scaikey-timestamp"), "missing timestamp"},
        {with("x-scaikey-signature", "v1=" + vector_v1), "missing timestamp"},
        {with("x-scaikey-signature", "t=1779264000"), "missing signature"},
        {with("x-scaikey-signature", "t=1779264000,v1=" + vector_v1), "bad signature"},
        {with("x-scaikey-timestamp", "1779264001"), "bad timestamp"},
        {api.call("POST", path, created, api.signed_headers(created, "wrong")), "bad signature"},
        {api.call("POST", path, created + " ", good), "bad signature"},
        {api.call("POST", path, "", good), "bad signature"},
    };
    for (const auto& [answer, start] : answers) {
        BOOST_TEST(answer.status == 400);
        BOOST_TEST(answer.detail().starts_with(start), answer.body);
    }
    BOOST_TEST(api.context().metrics.render().find(
                   "scaiflow_webhook_events_total{binary=\"scaiflow-webhooks\",outcome="
                   "\"refused\"} 10") != std::string::npos,
               api.context().metrics.render());
    BOOST_TEST(api.count("webhook_events") == "0");
    BOOST_TEST(api.count("users") == "0");
}

BOOST_AUTO_TEST_CASE(replay_after_the_window_is_400) {
    Api api(Api::Settings{{"SCAIFLOW_SCAIKEY_WEBHOOK_SECRET", secret},
                          {"SCAIFLOW_WEBHOOK_WINDOW_SECONDS", "60"}});
    const auto headers = api.signed_headers(created);
    api.clock.advance(std::chrono::seconds(61));
    const auto late = api.call("POST", path, created, headers);
    BOOST_TEST(late.status == 400);
    BOOST_TEST(late.detail().find("more than 60 seconds") != std::string::npos);
    api.clock.advance(std::chrono::seconds(-122));
    BOOST_TEST(api.call("POST", path, created, headers).status == 400);
    api.clock.advance(std::chrono::seconds(61));
    BOOST_TEST(api.call("POST", path, created, headers).status == 200);
}

BOOST_AUTO_TEST_CASE(old_and_new_secret_are_both_good_during_a_change) {
    Api api(Api::Settings{{"SCAIFLOW_SCAIKEY_WEBHOOK_SECRET", "next-key, " + secret}});
    BOOST_TEST(api.call("POST", path, created, api.signed_headers(created, secret)).status == 200);
    BOOST_TEST(api.call("POST", path, created, api.signed_headers(created, "next-key")).status == 200);
    BOOST_TEST(api.call("POST", path, created, api.signed_headers(created, "next-key, " + secret)).status ==
               400);
}

BOOST_AUTO_TEST_CASE(duplicate_is_200_handled_without_effect) {
    Api api;
    BOOST_TEST(api.send(created).body == R"({"handled":true})");
    api.db.sql("UPDATE scaiflow.users SET email = 'later@acme.test'");
    BOOST_TEST(api.send(created).body == R"({"handled":true})");
    BOOST_TEST(api.db.value("SELECT email FROM scaiflow.users") == "later@acme.test");
}

BOOST_AUTO_TEST_CASE(unknown_type_is_200_not_handled) {
    Api api;
    const auto answer = api.send(R"({"event_id":"e","event_type":"session.revoked","tenant_id":"tnt_t1"})");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.body == R"({"handled":false})");
}

BOOST_AUTO_TEST_CASE(signed_rubbish_is_400) {
    Api api;
    for (const std::string body :
         {"{", "[1,2]", "\"text\"", "{\"a\":1,\"a\":2}", "{\"a\":\"\xFF\"}", "{\"a\":\"\\u0000\"}", "null"})
        BOOST_TEST(api.send(body).status == 400, body);
    BOOST_TEST(api.count("webhook_events") == "0");
}

BOOST_AUTO_TEST_CASE(oversized_body_is_413_and_another_media_type_415) {
    Api api;
    const std::string large(2U << 20U, ' ');
    BOOST_TEST(api.send(large).status == 413);
    auto headers = api.signed_headers(created);
    headers["content-type"] = "text/plain";
    BOOST_TEST(api.call("POST", path, created, headers).status == 415);
}

BOOST_AUTO_TEST_CASE(other_methods_are_405) {
    Api api;
    for (const auto* method : {"GET", "PUT", "DELETE", "PATCH"})
        BOOST_TEST(api.call(method, path).status == 405);
}

BOOST_AUTO_TEST_CASE(database_that_is_gone_is_503_and_the_retry_succeeds) {
    Api api;
    test::postgres().stop(true);
    const auto answer = api.send(created);
    test::postgres().start();
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(api.send(created).status == 200);
    BOOST_TEST(api.count("users") == "1");
}

BOOST_AUTO_TEST_CASE(failure_inside_is_a_5xx_without_its_text) {
    Api api;
    api.db.sql("ALTER TABLE scaiflow.users ADD CONSTRAINT trouble CHECK (email <> 'bo@acme.test')");
    const auto answer = api.send(created);
    BOOST_TEST(answer.status == 500);
    BOOST_TEST(answer.body.find("bo@acme") == std::string::npos);
    BOOST_TEST(answer.body.find("trouble") == std::string::npos);
    BOOST_TEST(api.count("webhook_events") == "0");
}

BOOST_AUTO_TEST_CASE(disabled_and_deleted_users_lose_access_with_the_event) {
    for (const auto* type : {"user.suspended", "user.deleted"}) {
        Api api;
        api.send(created);
        BOOST_TEST(api.let_in("usr_bo1"));
        api.send(std::string(R"({"event_id":"evt_2","event_type":")") + type +
                 R"(","timestamp":"2026-05-20T08:00:00Z","tenant_id":"tnt_t1","data":{"id":"usr_bo1"}})");
        BOOST_TEST(!api.let_in("usr_bo1"));
    }
}

BOOST_AUTO_TEST_CASE(member_of_an_elevated_group_is_promoted_and_demoted_at_once) {
    Api api(Api::Settings{{"SCAIFLOW_SCAIKEY_WEBHOOK_SECRET", secret},
                          {"SCAIFLOW_SUPER_ADMIN_GROUPS", "grp_root"}});
    api.db.sql("INSERT INTO scaiflow.groups (tenant_id, id, name) VALUES ('tnt_t1', 'grp_root', 'Root')");
    api.db.sql(
        "INSERT INTO scaiflow.users (tenant_id, id, email, seen_by) VALUES ('tnt_t1', 'usr_other', 'o@x', "
        "'effective_users')");
    api.db.sql(
        "INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id) VALUES ('tnt_t1', 'grp_root', "
        "'usr_other')"); // so that nobody is the last one
    api.send(created);
    const auto member = [](const char* id, const char* type, const char* time) {
        return std::string(R"({"id":")") + id + R"(","type":")" + type +
               R"(","created_at":"2026-05-20T07:59:)" + time +
               R"(Z","data":{"user_id":"usr_bo1","group_id":"grp_root","tenant_id":"tnt_t1"}})";
    };
    const auto role = [&] {
        return api.db.value(
            "SELECT coalesce(admin_role || '/' || admin_role_source, '') FROM scaiflow.users WHERE "
            "id = 'usr_bo1'");
    };
    api.send(member("evt_2", "group_membership.added", "10"));
    BOOST_TEST(role() == "super_admin/group");
    BOOST_TEST(
        api.db.value("SELECT cause->>'event_id' FROM scaiflow.audit_log WHERE object_id = 'usr_bo1'") ==
        "evt_2");
    api.send(member("evt_3", "group_membership.removed", "20"));
    BOOST_TEST(role() == "");
    BOOST_TEST(
        api.db.value("SELECT actor FROM scaiflow.audit_log WHERE object_id = 'usr_bo1' ORDER BY id DESC "
                     "LIMIT 1") == "webhook:evt_3");
}

BOOST_AUTO_TEST_CASE(waiting_grant_is_applied_when_its_user_appears) {
    Api api;
    api.db.sql(
        "INSERT INTO scaiflow.pending_grants (email, role, source, requested_by) VALUES ('bo@acme.test', "
        "'super_admin', 'bootstrap', 'cli:root')");
    api.send(created);
    BOOST_TEST(api.db.value("SELECT admin_role || '/' || admin_role_source FROM scaiflow.users") ==
               "super_admin/bootstrap");
}

BOOST_AUTO_TEST_CASE(outcomes_are_counted) {
    Api api;
    api.send(created);
    api.send(created);
    const auto text = api.context().metrics.render();
    BOOST_TEST(text.find(R"(outcome="applied")") != std::string::npos);
    BOOST_TEST(text.find(R"(outcome="duplicate")") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
