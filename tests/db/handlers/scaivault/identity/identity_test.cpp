// What the identity group shows, who may change roles, and that events count at once.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/identity/handlers.hpp"
#include "lib/crypto/crypto.hpp"
#include "tests/support/vault_api.hpp"

#include <boost/test/unit_test.hpp>

namespace {

struct World : test::VaultApi {
    World() : VaultApi("identity", scaivault::identity_api::routes(), {{"SCAIKEY_WEBHOOK_SECRET", "hush"}}) {
        add_tenant("t1", "p1");
        add_tenant("t2", "p1");
        add_tenant("t3", "p2");
        for (const auto* name : {"mia", "boss", "partner", "root"})
            add_user("t1", std::string("usr_") + name, std::string(name) + "@x.test");
        add_group("t1", "grp_ops", "ops");
        add_member("t1", "grp_ops", "usr_mia");
        add_role("t1", "usr_boss", "tenant_admin");
        add_role("t1", "usr_partner", "partner_admin");
        add_role("t1", "usr_root", "super_admin");
    }
    std::string token(const std::string& who) const {
        return user_token("usr_" + who, "t1", "identity:read identity:admin");
    }
    test::VaultAnswer get(const std::string& who, const std::string& target) {
        return call_as(token(who), "GET", "/v1/identity" + target);
    }
    std::int64_t total(const std::string& who, const std::string& target) {
        return get(who, target).json.get("total").integer().value_or(-1);
    }
    test::VaultAnswer put_roles(const std::string& who, const std::string& user, const std::string& roles) {
        return call_as(token(who), "PUT", "/v1/identity/users/" + user + "/roles",
                       R"({"roles":)" + roles + "}");
    }
    test::VaultAnswer event(const std::string& body, const std::string& secret = "hush") {
        const auto time = std::to_string(clock.seconds());
        const auto mac = scai::crypto::to_hex(scai::crypto::hmac_sha256(secret, time + "." + body));
        return call("POST", "/v1/identity/webhooks/scaikey", body,
                    {{"x-scaikey-signature", "t=" + time + ",v1=" + mac}, {"x-scaikey-timestamp", time}});
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(db_scaivault_identity)

BOOST_AUTO_TEST_CASE(lists_show_what_is_within_reach) {
    World world;
    BOOST_TEST(world.total("mia", "/partners") == 1);
    BOOST_TEST(world.total("root", "/partners") == 2);
    BOOST_TEST(world.total("mia", "/tenants") == 1);
    BOOST_TEST(world.total("partner", "/tenants") == 2);
    BOOST_TEST(world.total("root", "/tenants") == 3);
    BOOST_TEST(world.total("mia", "/tenants/t1/users?q=MIA") == 1);
    BOOST_TEST(world.total("mia", "/tenants/t1/users?page=9") == 4);
    BOOST_TEST(world.total("mia", "/tenants/t1/groups") == 1);
    BOOST_TEST(world.total("mia", "/groups/ops/members") == 1);
    BOOST_TEST(world.get("mia", "/tenants/t2/users").code() == "tenant_access_denied");
    BOOST_TEST(world.get("partner", "/tenants/t2/users").status == 200);
    BOOST_TEST(world.get("partner", "/tenants/t3/users").code() == "tenant_access_denied");
    BOOST_TEST(world.get("root", "/tenants/t9/users").code() == "tenant_not_found");
}

BOOST_AUTO_TEST_CASE(identities_are_resolved_by_both_spellings) {
    World world;
    for (const auto* spelling : {"user/usr_mia", "user/mia@x.test"})
        BOOST_TEST(world.get("mia", std::string("/resolve/") + spelling).json.member("id") == "usr_mia",
                   spelling);
    BOOST_TEST(world.get("mia", "/resolve/group/ops").json.member("id") == "grp_ops");
    BOOST_TEST(world.get("mia", "/resolve/user/nobody").code() == "identity_not_found");
    BOOST_TEST(world.get("mia", "/resolve/robot/x").code() == "invalid_request");
}

BOOST_AUTO_TEST_CASE(roles_are_given_by_the_rules) {
    World world;
    BOOST_TEST(world.put_roles("boss", "usr_mia", R"(["tenant_admin"])").code() == "forbidden");
    BOOST_TEST(world.put_roles("partner", "usr_mia", R"(["tenant_admin"])").status == 200);
    BOOST_TEST(world.put_roles("partner", "usr_mia", R"(["super_admin"])").code() == "forbidden");
    BOOST_TEST(world.put_roles("partner", "usr_partner", R"(["partner_admin","tenant_admin"])").code() ==
               "forbidden");
    BOOST_TEST(world.put_roles("partner", "usr_root", "[]").code() == "forbidden");
    BOOST_TEST(world.put_roles("root", "usr_root", "[]").code() == "last_super_admin");
    BOOST_TEST(world.put_roles("root", "usr_mia", R"(["super_admin"])").status == 200);
    BOOST_TEST(world.put_roles("root", "usr_root", "[]").status == 200);
    BOOST_TEST(world.put_roles("partner", "usr_mia", R"(["king"])").code() == "validation_error");
    BOOST_TEST(world.get("mia", "/users/usr_mia/roles").json.get("roles").dump() == R"(["super_admin"])");
}

BOOST_AUTO_TEST_CASE(a_sync_is_asked_for_once) {
    World world;
    const auto ask = [&](const char* tenant) {
        return world.call_as(world.token("boss"), "POST",
                             std::string("/v1/identity/sync?tenant_id=") + tenant);
    };
    const auto first = ask("t1");
    BOOST_TEST(first.status == 202);
    BOOST_TEST(ask("t1").json.member("sync_id") == first.json.member("sync_id"));
    BOOST_TEST(ask("t2").code() == "tenant_access_denied");
    BOOST_TEST(world.total("boss", "/sync/history") == 1);
    const auto of_partner = [&](const char* query) {
        return world.call_as(world.token("root"), "POST", std::string("/v1/identity/sync") + query);
    };
    BOOST_TEST(of_partner("?partner_id=p1").status == 202);
    BOOST_TEST(of_partner("?partner_id=nope").code() == "identity_not_found");
    BOOST_TEST(of_partner("?partner_id=p2&tenant_id=t1").code() == "invalid_request");
}

BOOST_AUTO_TEST_CASE(runs_and_events_of_another_tenant_are_behind_the_second_wall) {
    World world;
    world.db().sql(
        "INSERT INTO scaivault.identity_syncs (id, tenant_id, trigger, requested_by) VALUES "
        "('sync_1', 't1', 'api', 'x'), ('sync_2', 't2', 'api', 'x'), ('sync_3', NULL, 'cron', 'x')");
    world.db().sql("INSERT INTO scaivault.identity_events (id, type, tenant_id, outcome, handled) VALUES "
                   "('e1', 'x', 't1', '', true), ('e2', 'x', 't2', '', true)");
    scai::db::Pool pool(world.db().settings("scaivault_identity"));
    const auto seen = [&](const char* sql, scai::db::Scope scope) {
        auto reader = pool.read(std::move(scope));
        return reader.one<std::string>(sql);
    };
    constexpr auto syncs = "SELECT string_agg(id, ' ' ORDER BY id) FROM scaivault.identity_syncs";
    constexpr auto events = "SELECT string_agg(id, ' ' ORDER BY id) FROM scaivault.identity_events";
    BOOST_TEST(seen(syncs, scai::db::Scope::tenant("t1")) == "sync_1 sync_3");
    BOOST_TEST(seen(syncs, scai::db::Scope::all_tenants()) == "sync_1 sync_2 sync_3");
    BOOST_TEST(seen(events, scai::db::Scope::tenant("t1")) == "e1");
}

BOOST_AUTO_TEST_CASE(an_event_is_applied_once_and_only_when_it_is_genuine) {
    World world;
    const std::string body =
        R"({"event_id":"evt_1","event_type":"group.member_removed","tenant_id":"t1",)"
        R"("timestamp":"2026-05-20T08:00:00Z","data":{"group_id":"grp_ops","user_id":"usr_mia"}})";
    BOOST_TEST(world.event(body, "wrong").status >= 400);
    BOOST_TEST(world.total("boss", "/groups/ops/members") == 1);
    BOOST_TEST(world.event(body).json.member("outcome") == "applied");
    BOOST_TEST(world.event(body).json.member("outcome") == "duplicate");
    BOOST_TEST(world.total("boss", "/groups/ops/members") == 0);
    world.event(
        R"({"event_id":"evt_3","event_type":"user.created","tenant_id":"t9","timestamp":"2026-05-20T08:00:00Z",)"
        R"("data":{"user_id":"usr_new"}})");
    BOOST_TEST(world.db().value("SELECT tenant_id FROM scaivault.identity_syncs WHERE status = 'pending'") ==
               "t9");
}

BOOST_AUTO_TEST_SUITE_END()
