// GET /v1/audit/logs, the trails and the summary. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/audit/handlers.hpp"
#include "tests/support/vault_api.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace scaivault;

namespace {

struct Fixture {
    test::VaultApi api{"audit", audit_api::routes()};
    std::string token;

    Fixture() {
        api.add_tenant("t1", "p1");
        api.add_tenant("t2", "p1");
        api.add_user("t1", "usr_mia", "mia@x.test");
        token = api.service_token("auditor", "t1", "audit:read");
        // The trail's clock is the database's; tests speak of May 2026, when the fixture's requests arrive.
        add("t1", "read", "user", "user:mia@x.test", "apps/demo/login", "10.0.0.1", true, "req_a",
            "2026-05-19T08:00:00.000001Z");
        add("t1", "read", "service_account", "sa:batcher", "apps/demo/login", "10.0.0.2", false, "req_b",
            "2026-05-19T09:00:00Z");
        add("t1", "write", "user", "user:mia@x.test", "apps/demo/token", "10.0.0.1", true, "req_c",
            "2026-05-19T10:00:00Z");
        add("t1", "policy_create", "user", "user:usr_mia", "", "10.0.0.1", true, "req_d",
            "2026-05-19T11:00:00Z");
        add("t1", "read", "service_account", "sa:batcher", "other/x", "10.0.0.2", true, "req_e",
            "2026-03-01T00:00:00Z");
        add("t2", "read", "user", "user:eve@x.test", "apps/demo/login", "10.0.0.3", true, "req_f",
            "2026-05-19T08:30:00Z");
    }
    void add(const std::string& tenant, const std::string& action, const std::string& type,
             const std::string& identity, const std::string& path, const std::string& ip, bool success,
             const std::string& request, const std::string& at) const {
        api.db().sql("INSERT INTO scaivault.audit_log (tenant_id, id, at, action, identity_type, "
                     "identity_id, secret_path, "
                     "source_ip, user_agent, success, duration_ms, request_id) VALUES ('" +
                     tenant + "', 'log_" + request + "', '" + at + "', '" + action + "', '" + type + "', '" +
                     identity + "', nullif('" + path + "', ''), '" + ip + "', 'curl/8', " +
                     (success ? "true" : "false") + ", 7, '" + request + "')");
    }
    /// Request ids of the page, or the code of the error.
    std::string ids(const std::string& target) {
        const auto answer = api.call_as(token, "GET", target);
        if (answer.status != 200)
            return std::to_string(answer.status) + " " + answer.code();
        std::string out;
        answer.json.get("logs").each_item([&](const scai::json::Value& row) {
            if (row.member("action") != "audit_query") // the questions themselves
                out += row.member("request_id").substr(4);
        });
        return out;
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaivault_audit_logs)

BOOST_AUTO_TEST_CASE(the_trail_comes_newest_first_and_is_the_tenants_own) {
    Fixture fixture;
    BOOST_TEST(fixture.ids("/v1/audit/logs") == "dcbae");
    const auto row =
        fixture.api.call_as(fixture.token, "GET", "/v1/audit/logs?request_id=req_a").json.get("logs").at(0);
    BOOST_TEST(
        row.dump(true) ==
        R"({"action":"read","duration_ms":7,"extra_data":{},"id":"log_req_a","identity_id":"user:mia@x.test",)"
        R"("identity_type":"user","request_id":"req_a","secret_path":"apps/demo/login","source_ip":"10.0.0.1",)"
        R"("success":true,"timestamp":"2026-05-19T08:00:00.000001Z","user_agent":"curl/8"})");
    BOOST_TEST(fixture.api.call_as(fixture.token, "GET", "/v1/audit/logs?request_id=req_d")
                   .json.get("logs")
                   .at(0)
                   .get("secret_path")
                   .is_null());
}

BOOST_AUTO_TEST_CASE(an_action_nobody_writes_is_named_with_those_there_are) {
    Fixture fixture;
    for (const char* query : {"action=raed", "action=read,raed", "action=READ"}) {
        const auto answer = fixture.api.call_as(fixture.token, "GET", std::string("/v1/audit/logs?") + query);
        BOOST_TEST(answer.status == 400, query);
        BOOST_TEST(answer.code() == "invalid_request");
        const auto message = answer.json.get("error").member("message");
        BOOST_TEST(message.find("query.action \"") == 0, message);
        BOOST_TEST(message.find("policy_create, policy_delete") != std::string::npos, message);
    }
    BOOST_TEST(
        fixture.ids("/v1/audit/logs?action=pki_issue").empty()); // of the contract; nobody writes it yet
}

BOOST_AUTO_TEST_CASE(every_filter_narrows_and_they_combine) {
    Fixture fixture;
    const std::vector<std::pair<std::string, std::string>> cases{
        {"action=write", "c"},
        {"action=write,policy_create", "dc"},
        {"identity_id=sa:batcher", "be"},
        {"identity_id=user:mia@x.test", "dca"}, // and as her id
        {"identity_id=usr_mia", "dca"},
        {"identity_type=user", "dca"},
        {"path_prefix=apps/demo/", "cba"},
        {"path_prefix=apps/demo/login", "ba"},
        {"path_prefix=apps/demo/l%25", ""},
        {"success=false", "b"},
        {"success=true", "dcae"},
        {"source_ip=10.0.0.2", "be"},
        {"source_ip=fe80::1", ""},
        {"request_id=req_c", "c"},
        {"request_id=req_f", ""}, // of another tenant
        {"from=2026-05-19T09:00:00Z", "dcb"},
        {"to=2026-05-19T09:00:00Z", "ae"},
        {"from=2026-05-19T09:00:00Z&to=2026-05-19T11:00:00%2B00:00", "cb"},
        {"action=read&identity_type=service_account&path_prefix=apps/", "b"},
        {"request_id=req_a&success=false", ""},
        {"request_id=req_a&identity_id=usr_mia&path_prefix=apps", "a"},
        {"identity_id=sa:batcher&path_prefix=other", "e"},
    };
    for (const auto& [query, expected] : cases)
        BOOST_TEST(fixture.ids("/v1/audit/logs?" + query) == expected,
                   query << ": " << fixture.ids("/v1/audit/logs?" + query));
}

BOOST_AUTO_TEST_CASE(a_filter_that_cannot_be_read_is_named) {
    Fixture fixture;
    for (const auto& [query, code] : std::vector<std::pair<std::string, std::string>>{
             {"from=yesterday", "400 invalid_request"},
             {"from=2026-05-02T00:00:00Z&to=2026-05-01T00:00:00Z", "400 invalid_request"},
             {"success=maybe", "400 invalid_request"},
             {"identity_type=person", "400 invalid_request"},
             {"source_ip=10.0.0", "400 invalid_request"},
             {"acton=read", "400 invalid_request"}, // not "everything"
             {"limit=0", "400 invalid_request"},
             {"limit=1001", "400 invalid_request"},
             {"cursor=abc", "400 invalid_cursor"}})
        BOOST_TEST(fixture.ids("/v1/audit/logs?" + query) == code, query);
}

BOOST_AUTO_TEST_CASE(pages_follow_each_other_also_where_times_are_equal) {
    Fixture fixture;
    for (int i = 0; i < 7; ++i)
        fixture.add("t1", "list", "user", "user:bo@x.test", "", "10.0.0.9", true, "req_" + std::to_string(i),
                    "2026-05-18T00:00:00Z");
    std::string seen, target = "/v1/audit/logs?action=list&limit=3";
    std::string next = target;
    for (int page = 0; page < 3; ++page) {
        const auto answer = fixture.api.call_as(fixture.token, "GET", next);
        BOOST_REQUIRE(answer.status == 200);
        seen += fixture.ids(next);
        BOOST_TEST(*answer.json.get("has_more").boolean() == (page < 2));
        if (page < 2)
            next = target + "&cursor=" + answer.json.member("cursor");
        else
            BOOST_TEST(answer.json.get("cursor").is_null());
    }
    BOOST_TEST(seen == "6543210");
}

BOOST_AUTO_TEST_CASE(a_secret_has_a_trail_and_a_summary_of_a_month) {
    Fixture fixture;
    BOOST_TEST(fixture.ids("/v1/audit/secrets/apps/demo/login") == "ba");
    const auto answer =
        fixture.api.call_as(fixture.token, "GET", "/v1/audit/secrets/apps/demo/login?success=false");
    BOOST_TEST(answer.json.member("secret_path") == "apps/demo/login");
    BOOST_TEST(answer.json.get("logs").size() == 1);
    const auto summary = answer.json.get("summary"); // of everything, whatever the page shows
    BOOST_TEST(*summary.get("total_events").integer() == 2);
    BOOST_TEST(*summary.get("failed_events").integer() == 1);
    BOOST_TEST(*summary.get("unique_identities").integer() == 2);
    BOOST_TEST(*summary.get("by_action").get("read").integer() == 2);
    BOOST_TEST(fixture.ids("/v1/audit/secrets/none/here") == "");
}

BOOST_AUTO_TEST_CASE(an_identity_has_a_trail_under_each_of_its_names) {
    Fixture fixture;
    BOOST_TEST(fixture.ids("/v1/audit/identities/user:mia@x.test") == "dca");
    BOOST_TEST(fixture.ids("/v1/audit/identities/usr_mia") == "dca");
    BOOST_TEST(fixture.ids("/v1/audit/identities/sa:batcher") == "be");
    BOOST_TEST(fixture.ids("/v1/audit/identities/user:gone@x.test") == "");
    const auto answer = fixture.api.call_as(fixture.token, "GET", "/v1/audit/identities/sa:batcher");
    BOOST_TEST(*answer.json.get("summary").get("total_events").integer() ==
               1); // March is more than 30 days ago
}

BOOST_AUTO_TEST_CASE(the_summary_counts_a_period) {
    Fixture fixture;
    const auto answer = fixture.api.call_as(
        fixture.token, "GET", "/v1/audit/summary?from=2026-01-01T00:00:00Z&to=2026-05-20T00:00:00Z");
    BOOST_REQUIRE(answer.status == 200);
    const auto number = [&](const char* name) { return answer.json.get(name).integer().value_or(-1); };
    BOOST_TEST(number("total_events") == 5);
    BOOST_TEST(number("successful_events") == 4);
    BOOST_TEST(number("failed_events") == 1);
    BOOST_TEST(number("unique_identities") == 3);
    BOOST_TEST(number("unique_secrets") == 3);
    BOOST_TEST(answer.json.get("by_action").dump(true) == R"({"policy_create":1,"read":3,"write":1})");
    BOOST_TEST(answer.json.member("first_event_at") == "2026-03-01T00:00:00.000000Z");
    const auto month = fixture.api.call_as(fixture.token, "GET", "/v1/audit/summary?to=2026-05-20T00:00:00Z");
    BOOST_TEST(*month.json.get("total_events").integer() == 4);
}

BOOST_AUTO_TEST_CASE(without_the_scope_the_trail_is_closed_and_asking_leaves_a_row) {
    Fixture fixture;
    const auto other = fixture.api.service_token("auditor", "t1", "secrets:read audit:export");
    BOOST_TEST(fixture.api.call_as(other, "GET", "/v1/audit/logs").code() == "insufficient_scope");
    BOOST_TEST(fixture.api.call_as(fixture.token, "GET", "/v1/audit/exports").code() == "insufficient_scope");
    BOOST_TEST(fixture.ids("/v1/audit/logs?request_id=req_a") == "a");
    const auto rows = fixture.api.trail("audit_query");
    BOOST_REQUIRE(rows.size() == 3);
    BOOST_TEST(rows[0][3] == "f");
    BOOST_TEST(rows[2][3] == "t");
}

BOOST_AUTO_TEST_SUITE_END()
