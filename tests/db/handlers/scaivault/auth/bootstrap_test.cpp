// BOOTSTRAP_SUPER_ADMIN: waits, is given once, and never to a namesake of another tenant.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/auth/handlers.hpp"
#include "lib/scaivault/app/bootstrap.hpp"
#include "tests/support/vault_api.hpp"

#include <boost/test/unit_test.hpp>

namespace bootstrap = scaivault::bootstrap;

namespace {

struct World : test::VaultApi {
    explicit World(const std::string& who, const std::string& tenant = "")
        : VaultApi("auth", scaivault::auth_api::routes(),
                   {{"BOOTSTRAP_SUPER_ADMIN", who}, {"BOOTSTRAP_TENANT", tenant}}) {
        bootstrap::remember(context().pool, context().settings);
        add_tenant("t1", "p1");
        add_tenant("t2", "p2");
    }
    std::string roles(const std::string& user, const std::string& tenant) {
        return call_as(user_token(user, tenant, "secrets:read"), "GET", "/v1/auth/whoami")
            .json.get("roles")
            .dump();
    }
    std::string state() { return bootstrap::list(context().pool).at(0).state; }
};

constexpr const char* granted = R"(["super_admin"])";

} // namespace

BOOST_AUTO_TEST_SUITE(db_scaivault_bootstrap)

BOOST_AUTO_TEST_CASE(the_grant_waits_until_its_user_is_known_and_comes) {
    World world("user:Root@x.test");
    BOOST_TEST(world.state() == "pending");
    BOOST_TEST(world.roles("usr_root", "t1") == "[]"); // signed in, but not in the cache yet
    BOOST_TEST(world.state() == "pending");
    world.add_user("t1", "usr_root", "root@x.test");
    BOOST_TEST(world.state() == "pending"); // in the cache, but has not come
    BOOST_TEST(world.roles("usr_other", "t1") == "[]");
    BOOST_TEST(world.roles("usr_root", "t1") == granted);
    BOOST_TEST(world.roles("usr_root", "t1") == granted);
    BOOST_TEST(world.state() == "granted");
    BOOST_TEST(world.trail("whoami").back()[4] == "{}");
    BOOST_TEST(world.db().value("SELECT count(*) FROM scaivault.audit_log WHERE extra_data->>'bootstrap' "
                                "IS NOT NULL") == "1");
}

BOOST_AUTO_TEST_CASE(the_request_that_gets_the_role_has_it_already) {
    World world("user:root@x.test");
    world.add_user("t1", "usr_root", "root@x.test");
    BOOST_TEST(world.call_as(world.user_token("usr_root", "t1", "admin"), "GET", "/v1/auth/trust").status ==
               200);
    BOOST_TEST(world.call_as(world.user_token("usr_other", "t1", "admin"), "GET", "/v1/auth/trust").status ==
               403);
}

BOOST_AUTO_TEST_CASE(it_is_given_once) {
    World world("user:root@x.test");
    world.add_user("t1", "usr_root", "root@x.test");
    BOOST_TEST(world.roles("usr_root", "t1") == granted);
    world.db().sql("DELETE FROM scaivault.admin_roles");
    BOOST_TEST(world.roles("usr_root", "t1") == "[]");
    bootstrap::remember(world.context().pool, world.context().settings); // another start
    BOOST_TEST(world.roles("usr_root", "t1") == "[]");
}

BOOST_AUTO_TEST_CASE(a_namesake_in_another_tenant_makes_nobody_super_admin) {
    World world("user:root@x.test");
    world.add_user("t1", "usr_root", "root@x.test");
    world.add_user("t2", "usr_fake", "root@x.test");
    BOOST_TEST(world.roles("usr_fake", "t2") == "[]");
    BOOST_TEST(world.roles("usr_root", "t1") == "[]");
    BOOST_TEST(world.state() == "ambiguous");
    BOOST_TEST(
        !bootstrap::next_step(bootstrap::list(world.context().pool).at(0), world.context().settings).empty());

    World named("user:root@x.test", "t1");
    named.add_user("t1", "usr_root", "root@x.test");
    named.add_user("t2", "usr_fake", "root@x.test");
    BOOST_TEST(named.roles("usr_fake", "t2") == "[]");
    BOOST_TEST(named.roles("usr_root", "t1") == granted);
}

BOOST_AUTO_TEST_CASE(a_grant_from_before_the_tenant_was_named_is_given_to_nobody_else) {
    World world("user:root@x.test", "t1");
    world.db().sql("INSERT INTO scaivault.bootstrap_grants (identity, tenant_id, created_at) VALUES "
                   "('user:root@x.test', '', '2020-01-01')");
    world.add_user("t2", "usr_fake", "root@x.test"); // the one user of that address so far
    BOOST_TEST(world.roles("usr_fake", "t2") == "[]");
    const auto grants = bootstrap::list(world.context().pool);
    BOOST_TEST_REQUIRE(grants.size() == 2U);
    const auto& settings = world.context().settings;
    BOOST_TEST(bootstrap::next_step(grants[0], settings).find("another one") != std::string::npos);
    BOOST_TEST(bootstrap::next_step(grants[1], settings).find("sign in") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_setting_that_names_nobody_says_so) {
    World world("root@x.test");
    const auto grants = bootstrap::list(world.context().pool);
    BOOST_TEST(bootstrap::next_step(grants.at(0), world.context().settings).find("user:<") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_id_needs_no_address) {
    World world("user:usr_root");
    world.add_user("t1", "usr_root", "root@x.test");
    BOOST_TEST(world.roles("usr_root", "t1") == granted);
}

BOOST_AUTO_TEST_CASE(a_disabled_user_gets_nothing) {
    World world("user:root@x.test");
    world.add_user("t1", "usr_root", "root@x.test");
    world.db().sql("UPDATE scaivault.users SET status = 'SUSPENDED'");
    BOOST_TEST(world.call_as(world.user_token("usr_root", "t1", ""), "GET", "/v1/auth/whoami").status == 401);
    BOOST_TEST(world.state() == "pending");
}

BOOST_AUTO_TEST_CASE(a_process_cannot_make_a_grant_for_itself) {
    World world("");
    world.add_user("t1", "usr_mia", "mia@x.test");
    scai::db::Pool pool(world.db().settings("scaivault_secrets"));
    constexpr auto apply = R"(SELECT scaivault.apply_bootstrap('t1', 'usr_mia'))";
    constexpr auto insert =
        R"(INSERT INTO scaivault.bootstrap_grants (identity, tenant_id) VALUES ('user:usr_mia', ''))";
    scai::db::in_tx(pool, scai::db::Scope::tenant("t1"),
                    [&](scai::db::Tx& tx) { BOOST_TEST(tx.one<std::string>(apply) == "none"); });
    BOOST_CHECK_THROW(
        scai::db::in_tx(pool, scai::db::Scope::tenant("t1"), [&](scai::db::Tx& tx) { tx.run(insert); }),
        scai::db::Error);
}

BOOST_AUTO_TEST_SUITE_END()
