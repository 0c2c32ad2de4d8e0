// POST /v1/audit/export and what becomes of it. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/audit/handlers.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/secrets/service.hpp"
#include "tests/support/vault_api.hpp"

#include <boost/test/unit_test.hpp>

using namespace scaivault;

namespace {

struct Fixture {
    test::VaultApi api{"audit", audit_api::routes()};
    test::VaultApi vault{api, "secrets", {}}; // the group that may write secrets
    std::string token;

    Fixture() {
        api.add_tenant("t1", "p1");
        api.add_tenant("t2", "p1");
        token = api.service_token("exporter", "t1", "audit:read audit:export secrets:read");
        api.allow("t1", "sa:exporter", "infra/**", {"read"});
        keep("infra/s3", R"({"access_key_id":"AKID","secret_access_key":"canary-of-the-key"})");
        keep("infra/empty", R"({"user":"x"})");
        keep("apps/hidden", R"({"access_key_id":"AKID","secret_access_key":"canary-of-the-key"})");
    }
    void keep(const std::string& path, const std::string& text) {
        auto& context = vault.context();
        secrets::Write write;
        write.data = scai::SecretText(text);
        BOOST_REQUIRE(secrets::prepare(context.keyring, "t1", "p1"));
        const auto written = scai::db::in_tx(context.pool, secrets::write_scope("t1"), [&](scai::db::Tx& tx) {
            return static_cast<bool>(secrets::write(tx, context.keyring, system_caller("test", "t1", "p1"),
                                                    "t1", path, write, {}, context.clock->now()));
        });
        BOOST_REQUIRE(written);
    }
    test::VaultAnswer post(const std::string& credentials, const std::string& more = "") {
        return api.call_as(
            token, "POST", "/v1/audit/export",
            R"({"from":"2026-05-01T00:00:00Z","format":"csv","filters":{"action":"read"},)"
            R"("destination":{"type":"s3","bucket":"logs-1","prefix":"a/","credentials_path":")" +
                credentials + "\"}" + more + "}");
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaivault_audit_exports)

BOOST_AUTO_TEST_CASE(an_export_is_noted_and_its_credentials_are_not) {
    Fixture fixture;
    const auto answer = fixture.post("infra/s3");
    BOOST_REQUIRE_MESSAGE(answer.status == 202, answer.body);
    const auto id = answer.json.member("export_id");
    BOOST_TEST(id.starts_with("exp_"));
    BOOST_TEST(answer.json.member("status") == "pending");
    BOOST_TEST(answer.json.get("estimated_records").integer().value_or(-1) == 0);
    const auto shown = fixture.api.call_as(fixture.token, "GET", "/v1/audit/exports/" + id);
    BOOST_TEST(shown.json.get("destination").member("credentials_path") == "infra/s3");
    BOOST_TEST(shown.json.get("filters").get("action").at(0).text_or("") == "read");
    BOOST_TEST(shown.json.member("to") ==
               scai::to_iso8601(fixture.api.clock.now())); // fixed when it was asked for
    BOOST_TEST(shown.json.get("manifest").is_null());
    const auto trail = fixture.api.trail("export_created");
    BOOST_REQUIRE(trail.size() == 1);
    BOOST_TEST(trail[0][2] == "infra/s3");
    BOOST_TEST(trail[0][3] == "t");
    for (const auto* table : {"audit_exports", "audit_log"})
        BOOST_TEST(fixture.api.db().value(std::string("SELECT count(*) FROM scaivault.") + table +
                                          " t WHERE t::text LIKE '%canary%'") == "0");
    // Nobody else's.
    const auto other = fixture.api.service_token("exporter", "t2", "audit:export");
    BOOST_TEST(fixture.api.call_as(other, "GET", "/v1/audit/exports/" + id).code() == "export_not_found");
    BOOST_TEST(fixture.api.call_as(other, "GET", "/v1/audit/exports").json.get("exports").size() == 0);
}

BOOST_AUTO_TEST_CASE(credentials_the_caller_may_not_read_are_not_used) {
    Fixture fixture;
    BOOST_TEST(fixture.post("apps/hidden").code() == "access_denied");
    BOOST_TEST(fixture.post("infra/none").code() == "secret_not_found");
    BOOST_TEST(fixture.post("infra/empty").code() == "invalid_config");
    fixture.token = fixture.api.service_token("exporter", "t1", "audit:export");
    BOOST_TEST(fixture.post("infra/s3").code() == "insufficient_scope");
    fixture.token = fixture.api.service_token("exporter", "t1", "audit:read secrets:read");
    BOOST_TEST(fixture.post("infra/s3").code() == "insufficient_scope");
    BOOST_TEST(fixture.api.db().value("SELECT count(*) FROM scaivault.audit_exports") == "0");
    BOOST_TEST(fixture.api.trail("export_created").size() == 5);
}

BOOST_AUTO_TEST_CASE(a_body_that_cannot_be_used_is_refused_by_name) {
    Fixture fixture;
    const auto post = [&](const std::string& body) {
        const auto answer = fixture.api.call_as(fixture.token, "POST", "/v1/audit/export", body);
        return std::to_string(answer.status) + " " + answer.code();
    };
    BOOST_TEST(post("{}") == "400 invalid_request");
    BOOST_TEST(post(R"({"from":"x"})") == "400 invalid_request");
    BOOST_TEST(post(R"({"from":"2027-01-01T00:00:00Z"})") == "400 invalid_request");
    BOOST_TEST(post(R"({"from":"2026-01-01T00:00:00Z","format":"xml"})") == "400 invalid_request");
    BOOST_TEST(post(R"({"from":"2026-01-01T00:00:00Z","filters":[]})") == "400 invalid_request");
    BOOST_TEST(post(R"({"from":"2026-01-01T00:00:00Z","filters":{"success":1}})") == "400 invalid_request");
    const auto typo =
        fixture.api.call_as(fixture.token, "POST", "/v1/audit/export",
                            R"({"from":"2026-01-01T00:00:00Z","filters":{"action":"read","sucess":true}})");
    BOOST_TEST(typo.status == 400);
    BOOST_TEST(typo.json.get("error").member("message").starts_with("body.filters.sucess is no filter"));
    BOOST_TEST(post(R"({"from":"2026-01-01T00:00:00Z"})") == "400 invalid_config");
    BOOST_TEST(post(R"({"from":"2026-01-01T00:00:00Z","destination":{"type":"gcs"}})") ==
               "400 invalid_config");
}

BOOST_AUTO_TEST_CASE(exports_are_listed_newest_first_in_pages) {
    Fixture fixture;
    std::vector<std::string> made;
    for (int i = 0; i < 3; ++i)
        made.push_back(fixture.post("infra/s3").json.member("export_id"));
    const auto first = fixture.api.call_as(fixture.token, "GET", "/v1/audit/exports?limit=2");
    BOOST_REQUIRE(first.json.get("exports").size() == 2);
    BOOST_TEST(first.json.get("exports").at(0).member("export_id") == made[2]);
    const auto second = fixture.api.call_as(
        fixture.token, "GET", "/v1/audit/exports?limit=2&cursor=" + first.json.member("cursor"));
    BOOST_REQUIRE(second.json.get("exports").size() == 1);
    BOOST_TEST(second.json.get("exports").at(0).member("export_id") == made[0]);
    BOOST_TEST(!*second.json.get("has_more").boolean());
    BOOST_TEST(fixture.api.call_as(fixture.token, "GET", "/v1/audit/exports?cursor=x").code() ==
               "invalid_cursor");
}

BOOST_AUTO_TEST_SUITE_END()
