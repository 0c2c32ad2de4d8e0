// secret.accessed and policy.violation, for those who ask for them. SPDX-License-Identifier: Apache-2.0
#include "tests/db/handlers/scaivault/secrets/fixture.hpp"
#include "tests/support/stack.hpp"

namespace {

struct World : test::Secrets {
    void subscribe(const std::string& tenant, const std::string& partner, const std::string& events) const {
        db().sql(
            "INSERT INTO scaivault.subscriptions (tenant_id, id, name, partner_id, identity, identity_id, "
            "paths, events, delivery_type) VALUES ('" +
            tenant + "', 'sub_" + tenant + "', 's', '" + partner + "', 'user:x', 'user:x', '{**}', '{" +
            events + "}', 'polling')");
    }
    std::string told(const std::string& where = "true") const {
        return db().value("SELECT count(*) FROM scaivault.events WHERE event_type IN ('secret.accessed', "
                          "'policy.violation') AND " +
                          where);
    }
    /// Until the process has heard of the subscription.
    bool read_until_told(const std::string& path) {
        return test::eventually([&] {
            read(path);
            return told() != "0";
        });
    }
    test::VaultAnswer denied(const std::string& path) {
        return call_as(user_token("usr_nobody", "t1", test::every_scope), "GET", "/v1/secrets/" + path);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(db_scaivault_observed)

BOOST_AUTO_TEST_CASE(reads_are_told_to_who_asks_and_to_nobody_else) {
    World api;
    api.put("apps/a", "v", R"(,"metadata":{"tags":["x"]})");
    api.subscribe("t1", "p1", "secret.created");
    api.subscribe("t2", "p2", "secret.*");
    for (int i = 0; i < 3; ++i)
        api.read("apps/a");
    BOOST_TEST(api.told() == "0"); // t1 asks for something else, t2 for its own
    api.db().sql("UPDATE scaivault.subscriptions SET events = '{secret.accessed}' WHERE tenant_id = 't1'");
    BOOST_TEST_REQUIRE(api.read_until_told("apps/a"));
    const auto event = api.db().rows(
        "SELECT tenant_id, event_type, partner_id, identity_id, path, secret_type, tags::text, "
        "data->>'version', "
        "data->>'accessed_by', data->>'source_ip', request_id LIKE 'req_%', (SELECT count(*) FROM "
        "scaivault.audit_log a WHERE a.request_id = e.request_id AND a.action = 'read' AND a.txid = e.txid) "
        "FROM scaivault.events e WHERE event_type = 'secret.accessed' LIMIT 1");
    const std::vector<std::string> wanted{"t1",
                                          "secret.accessed",
                                          "p1",
                                          "user:t1@x.test",
                                          "apps/a",
                                          "kv",
                                          "{x}",
                                          "1",
                                          "user:t1@x.test",
                                          "10.1.0.9",
                                          "t",
                                          "1"};
    BOOST_TEST(event.at(0) == wanted, boost::test_tools::per_element());
    api.denied("apps/a");
    BOOST_TEST(api.told("event_type = 'policy.violation'") == "0");
    // Each path of a batch is a read.
    api.put("apps/b");
    const auto before = api.told("path = 'apps/b'");
    api.as("t1", "POST", "/v1/secrets/batch", R"({"paths":["apps/a","apps/b"]})");
    BOOST_TEST(before == "0");
    BOOST_TEST(api.told("path = 'apps/b'") == "1");
}

BOOST_AUTO_TEST_CASE(denials_of_policies_are_violations_and_other_refusals_are_not) {
    World api;
    api.put("apps/a");
    api.allow("t1", "user:usr_mfa", "apps/**", {"read"}, R"({"require_mfa":true})");
    api.add_user("t1", "usr_mfa", "mfa@x.test");
    api.subscribe("t1", "p1", "policy.violation");
    BOOST_TEST_REQUIRE(test::eventually([&] {
        api.denied("apps/a");
        return api.told() != "0";
    }));
    BOOST_TEST(api.told("data->>'reason' = 'access_denied' AND data->>'permission' = 'read' AND "
                        "(data->'failed_condition')::text = 'null' AND path = 'apps/a'") == api.told());
    api.call_as(api.user_token("usr_mfa", "t1", test::every_scope), "GET", "/v1/secrets/apps/a");
    BOOST_TEST(api.told("data->>'failed_condition' = 'mfa_required' AND identity_id = 'user:mfa@x.test'") ==
               "1");
    const auto before = api.told();
    api.as("t1", "GET", "/v1/secrets/apps/none");                                             // 404
    api.call_as(api.user_token("usr_t1", "t1", "secrets:list"), "GET", "/v1/secrets/apps/a"); // scope
    BOOST_TEST(api.read("apps/a") == "v");
    BOOST_TEST(api.told() == before);
}

BOOST_AUTO_TEST_CASE(the_partners_secrets_are_told_under_its_name) {
    World api;
    api.add_role("t1", "usr_t1", "partner_admin");
    api.allow("partner/p1", "user:usr_t1", "**", {"read", "write"});
    BOOST_TEST_REQUIRE(api.as("t1", "PUT", "/v1/partner/secrets/shared", R"({"data":{"k":"v"}})").status ==
                       201);
    api.subscribe("t3", "p1", "secret.accessed");
    BOOST_TEST(test::eventually([&] {
        api.as("t1", "GET", "/v1/partner/secrets/shared");
        return api.told("tenant_id = 'partner/p1' AND partner_id = 'p1'") != "0";
    }));
    BOOST_TEST(api.told("tenant_id = 't1'") == "0");
}

BOOST_AUTO_TEST_CASE(metadata_shows_where_the_rotation_is) {
    World api;
    api.put("apps/a");
    const auto rotation = [&] {
        return api.as("t1", "GET", "/v1/secrets/apps/a/metadata").json.get("rotation");
    };
    BOOST_TEST(rotation().is_null());
    api.db().sql(
        "INSERT INTO scaivault.rotation_policies (tenant_id, id, name, interval_text, interval_seconds, "
        "grace_text, grace_seconds, created_by) VALUES ('t1', 'rot_1', 'monthly', '30d', 2592000, '48h', "
        "172800, 'x')");
    const auto patched =
        api.as("t1", "PATCH", "/v1/secrets/apps/a/metadata", R"({"options":{"rotation_policy_id":"rot_1"}})");
    BOOST_TEST(patched.status == 200, patched.body);
    BOOST_TEST(patched.json.get("rotation").member("policy_name") == "monthly");
    api.db().sql("UPDATE scaivault.rotation_schedules SET next_rotation_at = now() + interval '1 day'");
    BOOST_TEST(rotation().member("status") == "scheduled");
    BOOST_TEST(rotation().get("last_rotated_at").is_null());
    api.db().sql("UPDATE scaivault.rotation_schedules SET next_rotation_at = now() - interval '1 day'");
    BOOST_TEST(rotation().member("status") == "due");
    api.db().sql("UPDATE scaivault.rotation_schedules SET overdue_sent = true");
    BOOST_TEST(rotation().member("status") == "overdue");
    api.db().sql("UPDATE scaivault.rotation_policies SET is_active = false");
    BOOST_TEST(rotation().member("status") == "paused");
    const auto batch = api.as("t1", "POST", "/v1/secrets/batch/metadata", R"({"paths":["apps/a"]})");
    BOOST_TEST(batch.json.get("secrets").get("apps/a").get("rotation").member("policy_id") == "rot_1");
}

BOOST_AUTO_TEST_SUITE_END()
