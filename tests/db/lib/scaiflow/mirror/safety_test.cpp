// The safety rules of design.md section 7 (1 to 3), each proven both ways: what must not happen does not, and
// what the listing does prove happens. SPDX-License-Identifier: Apache-2.0
#include "lib/job/job.hpp"
#include "tests/db/lib/scaiflow/mirror/fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace scaiflow::mirror;

namespace {

/// Two groups of ten in a directory of twenty-two; ann and bob are super_admin through grp_adm.
struct Firm : test::SweepFixture {
    Firm() {
        settings.super_admin_groups = {{"grp_adm"}, ""};
        auto& a = tenant();
        std::set<std::string> all;
        for (int i = 10; i < 30; ++i) {
            const std::string id = "usr_" + std::to_string(i);
            a.add_user(id, id + "@a.test");
            all.insert(id);
        }
        a.add_user("usr_ann", "ann@a.test");
        a.add_user("usr_bob", "bob@a.test");
        a.add_group("grp_adm", {"usr_ann", "usr_bob"});
        a.add_group("grp_all", all);
        sweep();
        BOOST_TEST_REQUIRE(value("SELECT count(*) FROM scaiflow.users WHERE admin_role = 'super_admin'") ==
                           "2");
    }
    /// Nothing was removed and nobody was demoted.
    void check_kept(const SweepResult& result) {
        BOOST_TEST(result.counters.users_soft_deleted == 0);
        BOOST_TEST(result.counters.groups_soft_deleted == 0);
        BOOST_TEST(result.counters.memberships_soft_deleted == 0);
        BOOST_TEST(result.super_admins_group_demoted == 0);
        BOOST_TEST(value("SELECT count(*) FROM scaiflow.users WHERE deleted_at IS NOT NULL") == "0");
        BOOST_TEST(value("SELECT count(*) FROM scaiflow.memberships WHERE deleted_at IS NOT NULL") == "0");
        BOOST_TEST(value("SELECT count(*) FROM scaiflow.users WHERE admin_role = 'super_admin'") == "2");
    }
};

/// A hundred users in ten groups of ten: the default breaker lets 50 go.
struct Crowd : test::SweepFixture {
    Crowd() {
        fill(100);
        sweep();
    }
    void fill(int users) {
        auto& a = tenant();
        a = {};
        for (int g = 0; g < 10; ++g)
            a.add_group("grp_" + std::to_string(g), {});
        for (int i = 0; i < users; ++i) {
            const std::string id = "usr_" + std::to_string(1000 + i);
            a.add_user(id, id + "@a.test");
            a.members["grp_" + std::to_string(i % 10)].insert(id);
        }
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_mirror_safety)

// --- rule 1: only a listing proven complete removes
// ---------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(incomplete_user_list_removes_nobody_but_adds_and_updates, Firm) {
    auto& a = tenant();
    a.users_complete = false;
    a.unlisted = {"usr_10", "usr_ann"};
    a.users["usr_11"].email = "new@a.test";
    a.add_user("usr_new", "n@a.test");
    const auto result = sweep();
    check_kept(result);
    BOOST_TEST(result.partial);
    BOOST_TEST(result.outcome == "partial");
    BOOST_TEST(result.counters.users_added == 1);
    BOOST_TEST(result.counters.users_updated == 1);
    BOOST_TEST(result.counters.users_unverified == 2);
    BOOST_TEST(says(result, "users_unproven"));
}

BOOST_FIXTURE_TEST_CASE(incomplete_group_list_removes_no_group_and_no_membership, Firm) {
    auto& a = tenant();
    a.groups_complete = false;
    a.unlisted = {"grp_adm"};
    const auto result = sweep();
    check_kept(result);
    BOOST_TEST(result.partial);
    BOOST_TEST(value("SELECT members_unknown_since IS NOT NULL FROM scaiflow.groups WHERE id = 'grp_adm'") ==
               "t");
    a.groups_complete = true;
    a.unlisted.clear();
    BOOST_TEST(sweep().outcome == "done");
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.groups WHERE members_unknown_since IS NOT NULL") == "0");
}

BOOST_FIXTURE_TEST_CASE(unknown_group_is_frozen_and_the_rest_goes_on, Firm) {
    auto& a = tenant();
    a.unreadable = {"grp_adm"};
    a.members["grp_adm"].clear();
    a.members["grp_all"].erase("usr_10");
    const auto result = sweep();
    BOOST_TEST(result.partial);
    BOOST_TEST(result.super_admins_group_demoted == 0);
    BOOST_TEST(result.counters.memberships_soft_deleted == 1);
    BOOST_TEST(
        value(
            "SELECT count(*) FROM scaiflow.memberships WHERE group_id = 'grp_adm' AND deleted_at IS NULL") ==
        "2");
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.users WHERE admin_role = 'super_admin'") == "2");
    BOOST_TEST(says(result, "groups_frozen"));
    // The watermark of late webhooks must not pass a run that left something unknown.
    BOOST_TEST(value("SELECT last_run FROM scaiflow.tenants") == "1");
    a.unreadable.clear();
    a.members["grp_adm"] = {"usr_ann"};
    const auto healthy = sweep();
    BOOST_TEST(!healthy.partial);
    BOOST_TEST(healthy.super_admins_group_demoted == 1);
    BOOST_TEST(value("SELECT last_run FROM scaiflow.tenants") == "3");
}

BOOST_FIXTURE_TEST_CASE(parents_of_an_unknown_group_are_frozen_too, Firm) {
    auto& a = tenant();
    a.add_group("grp_mid", {"usr_10"});
    a.children["grp_adm"] = {"grp_mid"};
    a.add_group("grp_leaf", {"usr_11"});
    a.children["grp_mid"] = {"grp_leaf"};
    sweep();
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.users WHERE admin_role = 'super_admin'") == "4");
    a.unreadable = {"grp_leaf"};
    a.members["grp_adm"].erase("usr_bob"); // true, but not provable while grp_leaf may have him
    a.members["grp_all"].erase("usr_12");
    const auto result = sweep();
    BOOST_TEST(result.counters.memberships_soft_deleted == 1);
    BOOST_TEST(result.super_admins_group_demoted == 0);
    BOOST_TEST(
        value(
            "SELECT string_agg(id, ' ' ORDER BY id) FROM scaiflow.groups WHERE members_unknown_since IS NOT "
            "NULL") == "grp_adm grp_leaf grp_mid");
    a.unreadable.clear();
    BOOST_TEST(sweep().super_admins_group_demoted == 1);
}

BOOST_FIXTURE_TEST_CASE(unlisted_group_counts_through_its_parent_and_unknown_freezes_it, Firm) {
    // The list does not show grp_hidden, but grp_adm names it as a member, and its own members were read.
    auto& a = tenant();
    a.children["grp_adm"] = {"grp_hidden"};
    a.add_group("grp_hidden", {"usr_10"});
    a.hidden = {"grp_hidden"};
    BOOST_TEST(sweep().super_admins_group_promoted == 1);
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.groups WHERE id = 'grp_hidden'") == "0");
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.memberships WHERE group_id = 'grp_hidden'") == "0");
    a.unreadable = {"grp_hidden"};
    a.members["grp_adm"].erase("usr_bob");
    const auto result = sweep();
    BOOST_TEST(result.partial);
    BOOST_TEST(result.super_admins_group_demoted == 0);
    a.unreadable.clear();
    a.remove_group("grp_hidden");
    BOOST_TEST(sweep().super_admins_group_demoted == 2);
}

BOOST_FIXTURE_TEST_CASE(member_walk_keeps_whom_effective_users_vouched_for, Firm) {
    auto& a = tenant();
    a.add_user("usr_loner", "loner@a.test");
    sweep();
    a.users_method = "member_walk";
    a.members["grp_all"].erase("usr_10"); // leaves the group, may still be assigned to the application
    const auto result = sweep();
    BOOST_TEST(result.users_method.value_or("") == "member_walk");
    BOOST_TEST(result.counters.users_soft_deleted == 0);
    BOOST_TEST(result.counters.users_unverified == 2);
    BOOST_TEST(result.counters.memberships_soft_deleted == 1);
    BOOST_TEST(says(result, "users_unverified"));
    a.users_method = "effective_users";
    a.remove_user("usr_loner");
    BOOST_TEST(sweep().counters.users_soft_deleted == 1);
}

BOOST_AUTO_TEST_CASE(member_walk_removes_its_own_users_only_when_every_group_was_read) {
    test::SweepFixture f;
    auto& a = f.tenant();
    a.users_method = "member_walk";
    for (const char* id : {"usr_1", "usr_2", "usr_3"})
        a.add_user(id, std::string(id) + "@a.test");
    a.add_group("grp_x", {"usr_1", "usr_2"});
    a.add_group("grp_y", {"usr_3"});
    f.sweep();
    BOOST_TEST(f.users() == "usr_1 usr_2 usr_3");
    a.remove_user("usr_1");
    a.unreadable = {"grp_y"};
    auto result = f.sweep();
    BOOST_TEST(result.counters.users_soft_deleted == 0);
    BOOST_TEST(result.counters.users_unverified == 2);
    BOOST_TEST(f.users() == "usr_1 usr_2 usr_3");
    a.unreadable.clear();
    result = f.sweep();
    BOOST_TEST(result.counters.users_soft_deleted == 1);
    BOOST_TEST(f.users() == "usr_2 usr_3");
}

BOOST_FIXTURE_TEST_CASE(failed_tenant_is_left_exactly_as_it_was, Firm) {
    const auto before = snapshot();
    tenant().failed = scai::Error{scai::ErrorKind::timeout, "timeout", "ScaiKey took too long"};
    tenant().users.clear();
    const auto result = sweep();
    BOOST_TEST(result.exit_code == scai::job::exit_unavailable);
    BOOST_TEST(snapshot() == before);
    BOOST_TEST(to_text(result, false).find("ScaiKey took too long") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(rows_lost_from_staging_are_noticed, Firm) {
    // As after a crash of the database during the walk: the UNLOGGED tables are empty again.
    auto& a = tenant();
    a.add_user("usr_more", "more@a.test");
    const auto before = snapshot();
    // The staged users vanish between the walk and the transaction that compares them.
    struct Thief final : Source {
        Thief(test::ScriptedSource& real, const test::Database& db) : real_(real), db_(db) {}
        scai::Result<scai::directory::Directory::Tenants> tenants() override { return real_.tenants(); }
        scai::directory::Report walk(const scai::directory::Tenant& tenant,
                                     scai::directory::Sink& sink) override {
            auto report = real_.walk(tenant, sink);
            // More rows than one batch, so that some are copied already and then lost.
            for (int i = 0; i < 20000; ++i)
                sink.user({"usr_extra" + std::to_string(i), "", "x@a.test", "x", "ACTIVE", std::nullopt});
            db_.sql("TRUNCATE scaiflow.sweep_users");
            return report;
        }
        test::ScriptedSource& real_;
        const test::Database& db_;
    };
    test::ScriptedSource real(upstream, "");
    Parts parts{pool, clock, settings, [&](const std::string&, auto, auto) -> std::unique_ptr<Source> {
                    return std::make_unique<Thief>(real, database);
                }};
    const auto result = scaiflow::mirror::sweep(parts, options);
    BOOST_TEST(snapshot() == before);
    BOOST_TEST(result.tenants.at(0).error.find("staged rows") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(rows_that_a_webhook_changed_after_the_run_began_are_left_alone, Firm) {
    tenant().add_group("grp_gone", {"usr_20"});
    sweep();
    auto& a = tenant();
    // The listing is older than what the webhooks say meanwhile.
    a.users["usr_10"].email = "stale@a.test";
    a.remove_user("usr_11");
    a.groups["grp_all"].name = "stale";
    a.remove_group("grp_gone");
    a.during = [&] {
        database.sql("UPDATE scaiflow.users SET email = 'fresh@a.test', upstream_at = clock_timestamp() "
                     "WHERE id = 'usr_10';"
                     "UPDATE scaiflow.users SET upstream_at = clock_timestamp() WHERE id = 'usr_11';"
                     "UPDATE scaiflow.users SET deleted_at = now(), upstream_at = clock_timestamp() WHERE id "
                     "= 'usr_12';"
                     "UPDATE scaiflow.groups SET name = 'fresh', upstream_at = clock_timestamp() WHERE id IN "
                     "('grp_all', "
                     "'grp_gone');"
                     "INSERT INTO scaiflow.users (tenant_id, id, email, seen_by, upstream_at) VALUES "
                     "('tnt_a', 'usr_hook', "
                     "'hook@a.test', 'webhook', clock_timestamp());"
                     "INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id, upstream_at) VALUES "
                     "('tnt_a', 'grp_adm', "
                     "'usr_hook', clock_timestamp());"
                     "UPDATE scaiflow.memberships SET deleted_at = now(), upstream_at = clock_timestamp() "
                     "WHERE group_id = "
                     "'grp_all' AND user_id = 'usr_13';"
                     "UPDATE scaiflow.memberships SET upstream_at = clock_timestamp() WHERE user_id = "
                     "'usr_20' AND group_id = "
                     "'grp_gone'");
    };
    sweep();
    a.during = nullptr;
    BOOST_TEST(value("SELECT email FROM scaiflow.users WHERE id = 'usr_10'") == "fresh@a.test");
    BOOST_TEST(value("SELECT deleted_at IS NULL FROM scaiflow.users WHERE id = 'usr_11'") == "t");
    BOOST_TEST(value("SELECT deleted_at IS NULL FROM scaiflow.users WHERE id = 'usr_12'") == "f");
    BOOST_TEST(value("SELECT deleted_at IS NULL FROM scaiflow.users WHERE id = 'usr_hook'") == "t");
    BOOST_TEST(value("SELECT string_agg(name, ' ') FROM scaiflow.groups WHERE deleted_at IS NULL AND name = "
                     "'fresh'") == "fresh fresh");
    BOOST_TEST(value("SELECT deleted_at IS NULL FROM scaiflow.memberships WHERE user_id = 'usr_hook'") ==
               "t");
    BOOST_TEST(value("SELECT deleted_at IS NULL FROM scaiflow.memberships WHERE user_id = 'usr_13'") == "f");
    BOOST_TEST(value("SELECT deleted_at IS NULL FROM scaiflow.memberships WHERE group_id = 'grp_gone'") ==
               "t");
    // The next sweep began after them and is the newer word.
    a.add_user("usr_14", "fresh@a.test");
    sweep();
    BOOST_TEST(value("SELECT email FROM scaiflow.users WHERE id = 'usr_10'") == "stale@a.test");
    BOOST_TEST(value("SELECT deleted_at IS NULL FROM scaiflow.users WHERE id = 'usr_11'") == "f");
    BOOST_TEST(value("SELECT deleted_at IS NULL FROM scaiflow.users WHERE id = 'usr_12'") == "t");
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.groups WHERE deleted_at IS NULL") == "2");
    BOOST_TEST(value("SELECT deleted_at IS NULL FROM scaiflow.memberships WHERE user_id = 'usr_13'") == "t");
}

BOOST_FIXTURE_TEST_CASE(listing_that_is_newer_than_the_webhook_wins, Firm) {
    auto& a = tenant();
    a.users["usr_10"].email = "listed@a.test";
    a.users["usr_10"].upstream_at = scai::from_unix_seconds(4000000000);
    a.during = [&] {
        database.sql(
            "UPDATE scaiflow.users SET email = 'hook@a.test', upstream_at = clock_timestamp() WHERE id = "
            "'usr_10'");
    };
    sweep();
    BOOST_TEST(value("SELECT email FROM scaiflow.users WHERE id = 'usr_10'") == "listed@a.test");
    BOOST_TEST(
        value("SELECT extract(epoch FROM upstream_at)::bigint FROM scaiflow.users WHERE id = 'usr_10'") ==
        "4000000000");
}

// --- rule 2: the breaker
// ------------------------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(as_many_removals_as_allowed_pass, Crowd) {
    fill(50);
    const auto result = sweep();
    BOOST_TEST(result.outcome == "done");
    BOOST_TEST(result.counters.users_soft_deleted == 50);
}

BOOST_FIXTURE_TEST_CASE(one_removal_more_stops_the_tenant_with_nothing_applied, Crowd) {
    fill(49);
    tenant().add_user("usr_new", "new@a.test");
    const auto before = snapshot();
    const auto result = sweep();
    BOOST_TEST(result.exit_code == scai::job::exit_breaker);
    BOOST_TEST(result.outcome == "breaker");
    BOOST_TEST_REQUIRE(result.breaker.has_value());
    BOOST_TEST(result.breaker->kind == "deletes");
    BOOST_TEST(result.breaker->would_remove == 51);
    BOOST_TEST(result.breaker->limit == 50);
    BOOST_TEST(snapshot() == before);
    BOOST_TEST(result.counters.users_added == 0);
    const auto text = to_text(result, false);
    BOOST_TEST(text.find("51 of 100 users would be removed; the limit is 50") != std::string::npos);
    BOOST_TEST(text.find("--force") != std::string::npos);
    const auto forced = force();
    BOOST_TEST(forced.outcome == "done");
    BOOST_TEST(forced.counters.users_soft_deleted == 51);
    BOOST_TEST(forced.counters.users_added == 1);
}

BOOST_FIXTURE_TEST_CASE(the_percentage_counts_when_it_is_more, Crowd) {
    settings.max_deletes = 5;
    settings.max_percent = 20;
    fill(80);
    BOOST_TEST(sweep().outcome == "done");
    fill(63); // 17 of 80: the limit is 16
    const auto result = sweep();
    BOOST_TEST(result.outcome == "breaker");
    BOOST_TEST(result.breaker->limit == 16);
}

BOOST_FIXTURE_TEST_CASE(memberships_and_groups_are_judged_on_their_own, Crowd) {
    for (auto& [id, members] : tenant().members)
        members.clear();
    tenant().members["grp_0"] = {"usr_1000"};
    auto result = sweep();
    BOOST_TEST(result.outcome == "breaker");
    BOOST_TEST(result.breaker->would_remove == 99);
    fill(100);
    settings.max_deletes = 3;
    for (int g = 0; g < 4; ++g)
        tenant().groups.erase("grp_" + std::to_string(g));
    result = sweep();
    BOOST_TEST(result.outcome == "breaker");
    BOOST_TEST(to_text(result, false).find("4 of 10 groups") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_stopped_tenant_demotes_nobody_and_lets_the_others_pass, Crowd) {
    settings.super_admin_groups = {{"grp_0"}, "tnt_a"};
    sweep();
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.users WHERE admin_role = 'super_admin'") == "10");
    fill(30);
    tenant().members["grp_0"].clear();
    tenant("tnt_b").add_user("usr_b", "b@b.test");
    const auto result = sweep();
    BOOST_TEST(result.exit_code == scai::job::exit_breaker);
    BOOST_TEST(result.super_admins_group_demoted == 0);
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.users WHERE admin_role = 'super_admin'") == "10");
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.users WHERE tenant_id = 'tnt_b'") == "1");
}

BOOST_FIXTURE_TEST_CASE(a_dry_run_lists_what_the_breaker_would_stop, Crowd) {
    fill(40);
    const auto before = snapshot();
    const auto result = dry_run();
    BOOST_TEST(result.exit_code == scai::job::exit_breaker);
    std::size_t listed = 0;
    for (const auto& change : result.changes)
        listed += change.object_type == "user" && change.change == "soft_deleted" ? 1U : 0U;
    BOOST_TEST(listed == 60U);
    BOOST_TEST(snapshot() == before);
}

BOOST_FIXTURE_TEST_CASE(empty_answer_over_a_mirror_is_stopped_even_with_force, Firm) {
    const auto before = snapshot();
    const auto whole = tenant();
    tenant() = {};
    for (const bool forced : {false, true}) {
        const auto result = forced ? force() : sweep();
        BOOST_TEST(result.exit_code == scai::job::exit_breaker);
        BOOST_TEST(result.breaker->kind == "empty_upstream");
        BOOST_TEST(snapshot() == before);
    }
    tenant() = whole;
    tenant().groups.clear();
    BOOST_TEST(force().breaker->kind == "empty_upstream");
    tenant() = whole;
    tenant().users.clear();
    BOOST_TEST(force().breaker->kind == "empty_upstream");
    BOOST_TEST(snapshot() == before);
    tenant() = whole;
    for (auto& [id, members] : tenant().members)
        members.clear();
    BOOST_TEST(sweep().breaker->kind == "empty_upstream");
    BOOST_TEST(snapshot() == before);
    tenant() = whole;
    BOOST_TEST(sweep().outcome == "done");
    BOOST_TEST(snapshot() == before);
}

BOOST_AUTO_TEST_CASE(empty_answer_over_an_empty_mirror_is_no_fault) {
    test::SweepFixture f;
    f.tenant();
    const auto result = f.sweep();
    BOOST_TEST(result.outcome == "done");
    BOOST_TEST(result.counters.users_seen == 0);
}

BOOST_AUTO_TEST_CASE(last_member_of_the_last_group_may_leave) {
    test::SweepFixture f;
    f.tenant().add_user("usr_1", "1@a.test");
    f.tenant().add_group("grp_x", {"usr_1"});
    f.sweep();
    f.tenant().members["grp_x"].clear();
    BOOST_TEST(f.sweep().counters.memberships_soft_deleted == 1);
}

// --- tenants that are no longer listed
// ----------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(tenant_missing_from_a_complete_list_is_soft_deleted, Firm) {
    tenant("tnt_b").add_user("usr_b", "b@b.test");
    tenant("tnt_b").add_group("grp_b", {"usr_b"});
    sweep();
    upstream.tenants.erase("tnt_b");
    upstream.list_complete = false;
    BOOST_TEST(sweep().counters.users_soft_deleted == 0);
    upstream.list_complete = true;
    const auto predicted = dry_run();
    BOOST_TEST(predicted.counters.users_soft_deleted == 1);
    const auto result = sweep();
    BOOST_TEST(result.counters.users_soft_deleted == 1);
    BOOST_TEST(result.counters.groups_soft_deleted == 1);
    BOOST_TEST(result.counters.memberships_soft_deleted == 1);
    BOOST_TEST(says(result, "tenants_gone"));
    BOOST_TEST(value("SELECT deleted_at IS NOT NULL FROM scaiflow.tenants WHERE id = 'tnt_b'") == "t");
    BOOST_TEST(sweep().counters.users_soft_deleted == 0);
    tenant("tnt_b").add_user("usr_b", "b@b.test");
    BOOST_TEST(sweep().counters.users_undeleted == 1);
    BOOST_TEST(value("SELECT deleted_at IS NULL FROM scaiflow.tenants WHERE id = 'tnt_b'") == "t");
}

BOOST_FIXTURE_TEST_CASE(a_tenant_that_a_webhook_deleted_is_emptied_by_the_sweep, Firm) {
    tenant("tnt_b").add_user("usr_b", "b@b.test");
    tenant("tnt_b").add_group("grp_b", {"usr_b"});
    sweep();
    database.sql("UPDATE scaiflow.tenants SET deleted_at = now(), upstream_at = now() WHERE id = 'tnt_b'");
    upstream.tenants.erase("tnt_b");
    BOOST_TEST(dry_run().counters.users_soft_deleted == 1);
    const auto result = sweep();
    BOOST_TEST(result.counters.users_soft_deleted == 1);
    BOOST_TEST(result.counters.groups_soft_deleted == 1);
    BOOST_TEST(result.counters.memberships_soft_deleted == 1);
    BOOST_TEST(says(result, "tenants_gone"));
    BOOST_TEST(!says(sweep(), "tenants_gone"));
}

BOOST_FIXTURE_TEST_CASE(many_missing_tenants_trip_the_breaker_together, Firm) {
    settings.max_deletes = 3;
    for (const char* id : {"tnt_b", "tnt_c", "tnt_d", "tnt_e"})
        tenant(id).add_user(std::string("usr_") + id, std::string(id) + "@x.test");
    sweep();
    for (const char* id : {"tnt_b", "tnt_c", "tnt_d", "tnt_e"})
        upstream.tenants.erase(id);
    const auto result = sweep();
    BOOST_TEST(result.exit_code == scai::job::exit_breaker);
    BOOST_TEST(result.breaker->would_remove == 4);
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.users WHERE deleted_at IS NOT NULL") == "0");
    BOOST_TEST(force().counters.users_soft_deleted == 4);
}

BOOST_FIXTURE_TEST_CASE(empty_tenant_list_is_stopped_even_with_force, Firm) {
    upstream.tenants.clear();
    const auto before = snapshot();
    const auto result = force();
    BOOST_TEST(result.exit_code == scai::job::exit_breaker);
    BOOST_TEST(result.breaker->kind == "empty_upstream");
    BOOST_TEST(snapshot() == before);
    BOOST_TEST(to_text(result, false).find(" users, groups and memberships of tenants: ") !=
               std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(suspended_tenant_keeps_its_objects, Firm) {
    tenant("tnt_b").add_user("usr_b", "b@b.test");
    sweep();
    tenant("tnt_b").status = "SUSPENDED";
    tenant("tnt_b").users.clear();
    const auto result = sweep();
    BOOST_TEST(result.outcome == "done");
    BOOST_TEST(value("SELECT deleted_at IS NULL FROM scaiflow.users WHERE id = 'usr_b'") == "t");
    BOOST_TEST(value("SELECT status FROM scaiflow.tenants WHERE id = 'tnt_b'") == "SUSPENDED");
}

// --- rule 3: names of super admin groups
// --------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(a_group_of_that_name_in_another_tenant_promotes_nobody, Firm) {
    settings.super_admin_groups = {{"Group grp_adm"}, "tnt_a"};
    tenant("tnt_evil").add_user("usr_evil", "evil@e.test");
    tenant("tnt_evil").add_group("grp_evil", {"usr_evil"}, "Group grp_adm");
    const auto result = sweep();
    BOOST_TEST(result.super_admin_count == 2);
    BOOST_TEST(value("SELECT admin_role IS NULL FROM scaiflow.users WHERE id = 'usr_evil'") == "t");
    settings.super_admin_groups.home_tenant = "";
    BOOST_TEST(says(sweep(), "super_admin_group"));
    BOOST_TEST(value("SELECT admin_role IS NULL FROM scaiflow.users WHERE id = 'usr_evil'") == "t");
}

BOOST_AUTO_TEST_SUITE_END()
