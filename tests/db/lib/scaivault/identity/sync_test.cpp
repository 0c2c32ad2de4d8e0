// The sync against a scripted ScaiKey: what is applied, what is never removed, what stops it, who asked for
// it. SPDX-License-Identifier: Apache-2.0
#include "lib/job/job.hpp"
#include "lib/scaivault/identity/sync.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <boost/test/unit_test.hpp>

namespace identity = scaivault::identity;

namespace {

struct World {
    test::Database db = test::migrated_database("scaivault");
    scai::db::Pool pool{db.settings("scaivault_jobs")};
    test::ScriptedUpstream upstream;
    identity::SyncParts parts{pool, {}, upstream.factory()};

    World() {
        auto& acme = upstream.tenants["t1"];
        acme.partner_id = "p1";
        for (int i = 0; i < 5; ++i)
            acme.add_user("usr_" + std::to_string(i), "u" + std::to_string(i) + "@x.test");
        acme.add_group("grp_a", {"usr_0", "usr_1"}, "a");
        acme.add_group("grp_b", {"usr_2"}, "b");
        acme.children["grp_b"] = {"grp_a"};
    }
    identity::SyncReport sync(identity::SyncOptions options = {}) {
        options.actor = "test";
        return identity::sync(parts, options, [] { return false; });
    }
    std::string count(const std::string& table) const {
        return db.value("SELECT count(*) FROM scaivault." + table + " WHERE deleted_at IS NULL");
    }
    test::ScriptedTenant& acme() { return upstream.tenants["t1"]; }
};

} // namespace

BOOST_AUTO_TEST_SUITE(db_scaivault_identity_sync)

BOOST_AUTO_TEST_CASE(everything_is_copied_nested_members_too) {
    World world;
    const auto report = world.sync();
    BOOST_TEST(report.exit_code == 0);
    BOOST_TEST(report.outcome == "done");
    BOOST_TEST(world.count("users") == "5");
    BOOST_TEST(world.count("groups") == "2");
    BOOST_TEST(
        world.db.value("SELECT string_agg(user_id || ' ' || membership_type, ',' ORDER BY user_id) FROM "
                       "scaivault.memberships WHERE group_id = 'grp_b'") ==
        "usr_0 INHERITED,usr_1 INHERITED,usr_2 DIRECT");
    BOOST_TEST(world.db.value("SELECT partner_id FROM scaivault.tenants WHERE id = 't1'") == "p1");
    BOOST_TEST(world.db.value("SELECT count(*) FROM scaivault.partners") == "1");
    BOOST_TEST(world.db.value("SELECT status || users_synced FROM scaivault.identity_syncs") == "completed5");
}

BOOST_AUTO_TEST_CASE(a_second_run_writes_no_row_of_the_copy) {
    World world;
    world.sync();
    const auto versions = [&] {
        return world.db.value("SELECT string_agg(xmin::text, ',' ORDER BY id) FROM scaivault.users") +
               world.db.value("SELECT string_agg(xmin::text, ',' ORDER BY user_id, group_id) FROM "
                              "scaivault.memberships");
    };
    const auto before = versions();
    const auto report = world.sync();
    BOOST_TEST(versions() == before);
    BOOST_TEST(report.counters.get("users_changed").integer().value() == 0);
}

BOOST_AUTO_TEST_CASE(who_left_goes_and_comes_back) {
    World world;
    world.sync();
    const auto usr = world.acme().users.at("usr_0");
    world.acme().remove_user("usr_0");
    world.sync();
    BOOST_TEST(world.count("users") == "4");
    BOOST_TEST(world.count("memberships") == "3"); // usr_0 left grp_a, and grp_b through it
    world.acme().users["usr_0"] = usr;
    world.sync();
    BOOST_TEST(world.count("users") == "5");
}

BOOST_AUTO_TEST_CASE(an_incomplete_listing_removes_nobody) {
    World world;
    world.sync();
    world.acme().unlisted = {"usr_0"};
    world.acme().users_complete = false;
    const auto report = world.sync();
    BOOST_TEST(report.outcome == "partial");
    BOOST_TEST(world.count("users") == "5");
}

BOOST_AUTO_TEST_CASE(a_group_that_could_not_be_read_keeps_its_members) {
    World world;
    world.sync();
    world.acme().unreadable = {"grp_a"};
    const auto report = world.sync();
    BOOST_TEST(report.outcome == "partial");
    BOOST_TEST(world.count("memberships") == "5"); // of the group above it as well
}

BOOST_AUTO_TEST_CASE(too_many_removals_and_an_empty_answer_stop_it) {
    World world;
    for (int i = 5; i < 200; ++i)
        world.acme().add_user("usr_" + std::to_string(i), "u" + std::to_string(i) + "@x.test");
    world.sync();
    const auto all = world.acme().users;
    for (int i = 100; i < 200; ++i)
        world.acme().remove_user("usr_" + std::to_string(i));
    BOOST_TEST(world.sync().exit_code == scai::job::exit_breaker);
    BOOST_TEST(world.count("users") == "200");
    BOOST_TEST(world.db.value("SELECT status FROM scaivault.identity_syncs ORDER BY number DESC LIMIT 1") ==
               "stopped");
    world.acme().users.clear();
    BOOST_TEST(world.sync({.force = true}).exit_code == scai::job::exit_breaker);
    BOOST_TEST(world.count("users") == "200");
    world.acme().users = all;
    for (int i = 100; i < 200; ++i)
        world.acme().remove_user("usr_" + std::to_string(i));
    BOOST_TEST(world.sync({.force = true}).exit_code == 0);
    BOOST_TEST(world.count("users") == "100");
}

BOOST_AUTO_TEST_CASE(the_last_super_admin_is_never_removed_by_a_listing) {
    World world;
    world.sync();
    world.db.sql("INSERT INTO scaivault.admin_roles (tenant_id, user_id, role, granted_by) VALUES "
                 "('t1', 'usr_0', 'super_admin', 'test')");
    world.acme().remove_user("usr_0");
    world.sync();
    BOOST_TEST(world.db.value("SELECT deleted_at IS NULL FROM scaivault.users WHERE id = 'usr_0'") == "t");
    world.db.sql("INSERT INTO scaivault.admin_roles (tenant_id, user_id, role, granted_by) VALUES "
                 "('t1', 'usr_1', 'super_admin', 'test')");
    world.sync();
    BOOST_TEST(world.db.value("SELECT deleted_at IS NULL FROM scaivault.users WHERE id = 'usr_0'") == "f");
}

BOOST_AUTO_TEST_CASE(what_an_event_wrote_during_the_run_stays) {
    World world;
    world.sync();
    world.acme().during = [&] {
        world.db.sql("UPDATE scaivault.users SET status = 'SUSPENDED', upstream_at = clock_timestamp() WHERE "
                     "id = 'usr_0'");
    };
    world.sync();
    BOOST_TEST(world.db.value("SELECT status FROM scaivault.users WHERE id = 'usr_0'") == "SUSPENDED");
}

BOOST_AUTO_TEST_CASE(a_tenant_that_is_no_longer_listed_is_closed) {
    World world;
    world.upstream.tenants["t2"].partner_id = "p1";
    world.upstream.tenants["t2"].add_user("usr_x", "x@x.test");
    world.sync();
    world.upstream.tenants.erase("t2");
    world.upstream.list_complete = false;
    world.sync();
    BOOST_TEST(world.count("tenants") == "2");
    world.upstream.list_complete = true;
    world.sync();
    BOOST_TEST(world.count("tenants") == "1");
}

BOOST_AUTO_TEST_CASE(requests_are_done_once_and_everything_when_it_is_due) {
    World world;
    world.sync();
    world.db.sql("INSERT INTO scaivault.identity_syncs (id, tenant_id, trigger, requested_by) VALUES "
                 "('sync_1', 't1', 'api', 'mia'), ('sync_2', 't1', 'webhook', 'event')");
    const auto report = world.sync({.if_due = true});
    BOOST_TEST(report.runs == 1);
    BOOST_TEST(world.db.value(
                   "SELECT string_agg(status, ',') FROM scaivault.identity_syncs WHERE tenant_id = 't1'") ==
               "completed,completed");
    BOOST_TEST(world.sync({.if_due = true}).outcome == "skipped");
    world.db.sql("UPDATE scaivault.identity_syncs SET completed_at = completed_at - interval '2 hours'");
    BOOST_TEST(world.sync({.if_due = true}).runs == 1);
}

BOOST_AUTO_TEST_CASE(a_scaikey_that_does_not_answer_changes_nothing) {
    World world;
    world.sync();
    world.upstream.failed = scai::Error{
        .kind = scai::ErrorKind::upstream, .code = "connect", .message = "ScaiKey does not answer"};
    const auto report = world.sync();
    BOOST_TEST(report.exit_code == scai::job::exit_unavailable);
    BOOST_TEST(world.count("users") == "5");
    BOOST_TEST(world.db.value("SELECT error FROM scaivault.identity_syncs ORDER BY number DESC LIMIT 1") ==
               "ScaiKey does not answer");
}

BOOST_AUTO_TEST_CASE(a_part_that_is_not_there_is_said_so) {
    World world;
    const auto messages =
        world.sync({.extent = identity::Extent{.partner_id = "nope", .tenant_id = ""}}).messages;
    BOOST_TEST_REQUIRE(messages.size() == 1U);
    BOOST_TEST(messages[0].code == "nothing_to_read");
    BOOST_TEST(messages[0].text.find("nope") != std::string::npos);
    BOOST_TEST(
        world.sync({.extent = identity::Extent{.partner_id = "p1", .tenant_id = ""}}).messages.empty());
}

BOOST_AUTO_TEST_CASE(a_tenant_that_is_nowhere_is_said_so_in_one_line) {
    World world;
    const auto report = world.sync({.extent = identity::Extent{.partner_id = "", .tenant_id = "nope"}});
    BOOST_TEST(report.exit_code == 64);
    BOOST_TEST_REQUIRE(report.messages.size() == 1U);
    BOOST_TEST(report.messages[0].code == "no_such_tenant");
    BOOST_TEST(report.messages[0].text ==
               "there is no tenant nope, neither at ScaiKey nor in the copy of its directory");
    // One that ScaiKey has and the copy has not yet is read.
    BOOST_TEST(world.sync({.extent = identity::Extent{.partner_id = "", .tenant_id = "t1"}}).exit_code == 0);
    BOOST_TEST(world.db.value("SELECT count(*) FROM scaivault.tenants") == "1");
}

BOOST_AUTO_TEST_CASE(a_dry_run_changes_nothing) {
    World world;
    const auto report = world.sync({.dry_run = true});
    BOOST_TEST(report.counters.get("users_changed").integer().value() == 5);
    BOOST_TEST(world.count("users") == "0");
    BOOST_TEST(world.db.value("SELECT count(*) FROM scaivault.identity_syncs") == "0");
}

BOOST_AUTO_TEST_SUITE_END()
