// The sweep against a real PostgreSQL: what it mirrors. The safety rules have a file of their own.
// SPDX-License-Identifier: Apache-2.0
#include "lib/job/job.hpp"
#include "tests/db/lib/scaiflow/mirror/fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace scaiflow::mirror;

namespace {

struct Company : test::SweepFixture {
    Company() {
        auto& a = tenant();
        a.add_user("usr_ann", "ann@a.test");
        a.add_user("usr_bob", "Bob@A.test", "  Bob  ");
        a.add_user("usr_cyd", "cyd@a.test");
        a.add_group("grp_ops", {"usr_ann", "usr_bob"}, "Ops");
        a.add_group("grp_all", {"usr_ann", "usr_bob", "usr_cyd"}, "All");
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_mirror_sweep)

BOOST_FIXTURE_TEST_CASE(first_run_mirrors_everything_verbatim, Company) {
    tenant().users["usr_cyd"].status = "suspended";
    const auto result = sweep();
    BOOST_TEST(result.outcome == "done");
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(result.users_method.value_or("") == "effective_users");
    BOOST_TEST(result.counters.users_seen == 3);
    BOOST_TEST(result.counters.users_added == 3);
    BOOST_TEST(result.counters.groups_seen == 2);
    BOOST_TEST(result.counters.groups_added == 2);
    BOOST_TEST(result.counters.memberships_seen == 5);
    BOOST_TEST(result.counters.memberships_added == 5);
    BOOST_TEST(users() == "usr_ann usr_bob usr_cyd");
    BOOST_TEST(memberships() ==
               "grp_all/usr_ann grp_all/usr_bob grp_all/usr_cyd grp_ops/usr_ann grp_ops/usr_bob");
    BOOST_TEST(value("SELECT email || '|' || display_name FROM scaiflow.users WHERE id = 'usr_bob'") ==
               "Bob@A.test|  Bob  ");
    BOOST_TEST(value("SELECT status FROM scaiflow.users WHERE id = 'usr_cyd'") == "suspended");
    BOOST_TEST(value("SELECT slug || name || users_method FROM scaiflow.tenants") ==
               "slug-tnt_aTenant tnt_aeffective_users");
    BOOST_TEST(value("SELECT outcome || (result->>'users_added') || (finished_at IS NOT NULL) FROM "
                     "scaiflow.sync_runs") == "done3true");
}

BOOST_FIXTURE_TEST_CASE(unchanged_run_writes_no_mirror_row, Company) {
    sweep();
    const auto before = snapshot();
    const auto result = sweep();
    BOOST_TEST(result.outcome == "done");
    BOOST_TEST(result.counters.users_seen == 3);
    BOOST_TEST(result.counters.memberships_seen == 5);
    BOOST_TEST(result.counters.users_added + result.counters.users_updated + result.counters.groups_added +
                   result.counters.memberships_added + result.counters.memberships_soft_deleted ==
               0);
    BOOST_TEST(snapshot() == before);
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.sync_changes WHERE run = 2") == "0");
}

BOOST_FIXTURE_TEST_CASE(changes_are_applied_counted_and_listed, Company) {
    sweep();
    auto& a = tenant();
    a.remove_user("usr_cyd");
    a.users["usr_ann"].email = "ann@new.test";
    a.groups["grp_ops"].name = "Operations";
    a.add_user("usr_dan", "dan@a.test");
    a.members["grp_ops"].insert("usr_dan");
    a.members["grp_ops"].erase("usr_bob");
    const auto result = sweep();
    BOOST_TEST(result.counters.users_added == 1);
    BOOST_TEST(result.counters.users_updated == 1);
    BOOST_TEST(result.counters.users_soft_deleted == 1);
    BOOST_TEST(result.counters.groups_updated == 1);
    BOOST_TEST(result.counters.memberships_added == 1);
    BOOST_TEST(result.counters.memberships_soft_deleted == 2);
    BOOST_TEST(memberships() == "grp_all/usr_ann grp_all/usr_bob grp_ops/usr_ann grp_ops/usr_dan");
    BOOST_TEST(
        value(
            "SELECT string_agg(change || ' ' || object_type || ' ' || object_id, ', ' ORDER BY object_type, "
            "object_id) FROM scaiflow.sync_changes WHERE run = 2") ==
        "updated group grp_ops, soft_deleted membership grp_all/usr_cyd, soft_deleted membership "
        "grp_ops/usr_bob, added membership grp_ops/usr_dan, updated user usr_ann, soft_deleted user usr_cyd, "
        "added user usr_dan");
    BOOST_TEST(value("SELECT before->>'email' || ' ' || (after->>'email') FROM scaiflow.sync_changes WHERE "
                     "object_id = "
                     "'usr_ann' AND run = 2") == "ann@a.test ann@new.test");
    BOOST_TEST(result.changes.size() == 7U);
}

BOOST_FIXTURE_TEST_CASE(returning_objects_are_undeleted_with_their_role, Company) {
    sweep();
    database.sql(
        "INSERT INTO scaiflow.role_grants (tenant_id, user_id, role, source, granted_by) VALUES ('tnt_a', "
        "'usr_cyd', 'super_admin', 'manual', 'test'); UPDATE scaiflow.users SET admin_role = 'super_admin', "
        "admin_role_source = 'manual' WHERE id = 'usr_cyd'");
    auto& a = tenant();
    const auto cyd = a.users["usr_cyd"];
    a.remove_user("usr_cyd");
    a.remove_group("grp_ops");
    auto result = sweep();
    BOOST_TEST(result.counters.users_soft_deleted == 1);
    BOOST_TEST(result.counters.groups_soft_deleted == 1);
    BOOST_TEST(value("SELECT admin_role FROM scaiflow.users WHERE id = 'usr_cyd'") == "super_admin");
    BOOST_TEST(result.super_admin_count == 0);
    a.users["usr_cyd"] = cyd;
    a.add_group("grp_ops", {"usr_ann", "usr_bob"}, "Ops");
    result = sweep();
    BOOST_TEST(result.counters.users_undeleted == 1);
    BOOST_TEST(result.counters.users_added == 0);
    BOOST_TEST(result.counters.groups_undeleted == 1);
    BOOST_TEST(result.counters.memberships_added == 2);
    BOOST_TEST(result.super_admin_count == 1);
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.memberships") == "5");
}

BOOST_FIXTURE_TEST_CASE(nested_groups_give_effective_memberships_once_and_cycles_end, Company) {
    auto& a = tenant();
    a.add_group("grp_top", {"usr_cyd"}, "Top");
    a.children["grp_top"] = {"grp_ops"};
    a.children["grp_ops"] = {"grp_in"};
    a.add_group("grp_in", {"usr_bob", "usr_dan"}, "Inner");
    a.children["grp_in"] = {"grp_top", "grp_in"};
    a.add_user("usr_dan", "dan@a.test");
    sweep();
    // The three are one cycle: each has the members of all.
    for (const char* group : {"grp_top", "grp_ops", "grp_in"}) {
        BOOST_TEST(value("SELECT string_agg(user_id || CASE WHEN direct THEN '' ELSE '*' END, ' ' ORDER BY "
                         "user_id) FROM "
                         "scaiflow.memberships WHERE deleted_at IS NULL AND group_id = '" +
                         std::string(group) + "'") ==
                   (std::string(group) == "grp_top"   ? "usr_ann* usr_bob* usr_cyd usr_dan*"
                    : std::string(group) == "grp_ops" ? "usr_ann usr_bob usr_cyd* usr_dan*"
                                                      : "usr_ann* usr_bob usr_cyd* usr_dan"));
    }
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.group_children") == "4");
    const auto before = snapshot();
    sweep();
    BOOST_TEST(snapshot() == before);
    a.children.clear();
    const auto result = sweep();
    BOOST_TEST(result.counters.memberships_soft_deleted == 7);
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.group_children") == "0");
}

BOOST_FIXTURE_TEST_CASE(duplicated_rows_count_once, Company) {
    tenant().copies = 3;
    const auto result = sweep();
    BOOST_TEST(result.counters.users_seen == 3);
    BOOST_TEST(result.counters.users_added == 3);
    BOOST_TEST(result.counters.memberships_seen == 5);
    const auto before = snapshot();
    sweep();
    BOOST_TEST(snapshot() == before);
}

BOOST_FIXTURE_TEST_CASE(bare_member_rows_do_not_erase_what_is_known, Company) {
    sweep();
    tenant().users_method = "member_walk";
    tenant().bare_members = true;
    const auto before = snapshot();
    const auto result = sweep();
    BOOST_TEST(result.users_method.value_or("") == "member_walk");
    BOOST_TEST(result.counters.users_updated == 0);
    BOOST_TEST(snapshot() == before);
}

BOOST_FIXTURE_TEST_CASE(renamed_group_keeps_its_id_and_members, Company) {
    sweep();
    tenant().groups["grp_ops"].name = "ops ";
    const auto result = sweep();
    BOOST_TEST(result.counters.groups_updated == 1);
    BOOST_TEST(result.counters.groups_added == 0);
    BOOST_TEST(result.counters.memberships_soft_deleted == 0);
    BOOST_TEST(value("SELECT name FROM scaiflow.groups WHERE id = 'grp_ops'") == "ops ");
}

BOOST_FIXTURE_TEST_CASE(hostile_rows_spoil_nothing_else, Company) {
    auto& a = tenant();
    a.add_user("", "no@id.test");
    a.add_user(std::string(3000, 'x'), "long@id.test");
    a.add_user(std::string("nul\0id", 6), "nul@id.test");
    a.add_user("usr_eve'; DROP TABLE x; --", "eve\\N\t\n\"@a.test", std::string("Eve\0!", 5));
    a.add_user("usr_long", std::string(5000, 'm') + "\xC3\xA9", "L");
    const auto result = sweep();
    BOOST_TEST(result.counters.users_added == 5);
    BOOST_TEST(result.partial);
    BOOST_TEST(says(result, "rows_unusable"));
    BOOST_TEST(value("SELECT email FROM scaiflow.users WHERE id LIKE 'usr_eve%'") == "eve\\N\t\n\"@a.test");
    BOOST_TEST(value("SELECT octet_length(email) FROM scaiflow.users WHERE id = 'usr_long'") == "1024");
    const auto before = snapshot();
    sweep();
    BOOST_TEST(snapshot() == before);
}

BOOST_FIXTURE_TEST_CASE(dry_run_says_what_a_run_would_do_and_stores_nothing, Company) {
    settings.super_admin_groups = {{"grp_ops"}, ""};
    sweep();
    BOOST_TEST(value("SELECT admin_role FROM scaiflow.users WHERE id = 'usr_bob'") == "super_admin");
    auto& a = tenant();
    a.remove_user("usr_cyd");
    a.users["usr_ann"].email = "ann@new.test";
    a.add_user("usr_dan", "dan@a.test");
    a.members["grp_ops"] = {"usr_ann", "usr_dan"};
    const auto before = snapshot();
    const auto predicted = dry_run();
    BOOST_TEST(snapshot() == before);
    BOOST_TEST(predicted.dry_run);
    BOOST_TEST(predicted.outcome == "done");
    BOOST_TEST(value("SELECT string_agg(dry_run::text, ' ' ORDER BY number) FROM scaiflow.sync_runs") ==
               "false true");
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.sync_changes WHERE run = 2") == "0");
    const auto real = sweep();
    const auto listing = [](const SweepResult& result) {
        std::string out;
        for (const auto& c : result.changes)
            out += c.object_type + " " + c.object_id + " " + c.change + " " + c.before.dump() +
                   c.after.dump() + "\n";
        return out;
    };
    BOOST_TEST(listing(predicted) == listing(real));
    BOOST_TEST(predicted.counters.users_added == real.counters.users_added);
    BOOST_TEST(predicted.counters.memberships_soft_deleted == real.counters.memberships_soft_deleted);
    BOOST_TEST(predicted.super_admins_group_promoted == 1);
    BOOST_TEST(predicted.super_admins_group_demoted == 1);
    BOOST_TEST(real.super_admins_group_promoted == 1);
    BOOST_TEST(real.super_admins_group_demoted == 1);
}

BOOST_FIXTURE_TEST_CASE(moved_user_keeps_super_admin_and_leaves_tenant_admin_behind, Company) {
    tenant("tnt_b").add_user("usr_zed", "zed@b.test");
    tenant("tnt_b").add_group("grp_b", {"usr_zed"});
    sweep();
    database.sql(
        "INSERT INTO scaiflow.role_grants (tenant_id, user_id, role, source, granted_by) VALUES "
        "('tnt_a', 'usr_bob', 'super_admin', 'manual', 'test'), ('tnt_a', 'usr_bob', 'tenant_admin', "
        "'manual', 'test'); UPDATE scaiflow.users SET admin_role = 'super_admin', admin_role_source = "
        "'manual' WHERE id = 'usr_bob'");
    auto& a = tenant("tnt_a");
    tenant("tnt_b").users["usr_bob"] = a.users["usr_bob"];
    a.remove_user("usr_bob");
    const auto result = sweep();
    BOOST_TEST(result.counters.users_soft_deleted == 1);
    BOOST_TEST(result.counters.users_added == 1);
    BOOST_TEST(result.super_admin_count == 1);
    BOOST_TEST(says(result, "role_moved"));
    BOOST_TEST(value("SELECT string_agg(tenant_id || ':' || role, ' ' ORDER BY tenant_id) FROM "
                     "scaiflow.role_grants") == "tnt_a:tenant_admin tnt_b:super_admin");
    BOOST_TEST(
        value("SELECT string_agg(tenant_id || ':' || coalesce(admin_role, ''), ' ' ORDER BY tenant_id) FROM "
              "scaiflow.users WHERE id = 'usr_bob'") == "tnt_a:tenant_admin tnt_b:super_admin");
    BOOST_TEST(value("SELECT action || ' ' || (cause->>'run_id' LIKE 'run_%') FROM scaiflow.audit_log ORDER "
                     "BY id DESC "
                     "LIMIT 1") == "role.moved true");
}

BOOST_FIXTURE_TEST_CASE(user_in_a_tenant_that_was_not_proven_does_not_move, Company) {
    tenant("tnt_b").add_user("usr_zed", "zed@b.test");
    tenant("tnt_b").add_group("grp_b", {"usr_zed"});
    sweep();
    database.sql(
        "INSERT INTO scaiflow.role_grants (tenant_id, user_id, role, source, granted_by) VALUES "
        "('tnt_a', 'usr_bob', 'super_admin', 'manual', 'test'); UPDATE scaiflow.users SET admin_role = "
        "'super_admin', admin_role_source = 'manual' WHERE id = 'usr_bob'");
    tenant("tnt_b").users["usr_bob"] = tenant("tnt_a").users["usr_bob"];
    tenant("tnt_a").remove_user("usr_bob");
    tenant("tnt_a").users_complete = false;
    const auto result = sweep();
    BOOST_TEST(result.partial);
    BOOST_TEST(result.counters.users_soft_deleted == 0);
    BOOST_TEST(value("SELECT tenant_id FROM scaiflow.role_grants") == "tnt_a");
    tenant("tnt_a").users_complete = true;
    sweep();
    BOOST_TEST(value("SELECT tenant_id FROM scaiflow.role_grants") == "tnt_b");
}

BOOST_FIXTURE_TEST_CASE(one_tenants_failure_leaves_the_others_done, Company) {
    tenant("tnt_b").failed = scai::Error{scai::ErrorKind::upstream, "upstream", "no answer"};
    tenant("tnt_c").add_user("usr_zed", "zed@c.test");
    const auto result = sweep();
    BOOST_TEST(result.outcome == "partial");
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(result.tenants.size() == 3U);
    BOOST_TEST(result.tenants[1].error == "no answer");
    BOOST_TEST(users() == "usr_ann usr_bob usr_cyd usr_zed");
}

BOOST_FIXTURE_TEST_CASE(upstream_down_changes_nothing_and_says_so, Company) {
    sweep();
    const auto before = snapshot();
    upstream.failed = scai::Error{scai::ErrorKind::upstream, "connect", "ScaiKey does not answer"};
    const auto result = sweep();
    BOOST_TEST(result.exit_code == scai::job::exit_unavailable);
    BOOST_TEST(result.outcome == "unavailable");
    BOOST_TEST(snapshot() == before);
    BOOST_TEST(to_text(result, false).find("ScaiKey does not answer") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(missing_credentials_skip_the_run, Company) {
    settings.missing = "SCAIKEY_BASE_URL";
    const auto result = sweep();
    BOOST_TEST(result.skipped_reason.value_or("") == "credentials_missing");
    BOOST_TEST(result.exit_code == scai::job::exit_config);
    BOOST_TEST(to_json(result, false).get("skipped_reason").text_or("") == "credentials_missing");
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.sync_runs") == "0");
}

BOOST_FIXTURE_TEST_CASE(if_due_honours_the_interval_a_failure_and_a_webhooks_wish, Company) {
    options.if_due = true;
    BOOST_TEST(sweep().outcome == "done");
    auto result = sweep();
    BOOST_TEST(result.skipped_reason.value_or("") == "not_due");
    BOOST_TEST(result.exit_code == 0);
    database.sql("UPDATE scaiflow.sync_runs SET started_at = now() - interval '59 minutes 45 seconds'");
    BOOST_TEST(sweep().outcome == "done");
    BOOST_TEST(dry_run().skipped_reason.value_or("") == "not_due");
    database.sql("UPDATE scaiflow.sync_runs SET started_at = now() + interval '3 hours'");
    BOOST_TEST(sweep().outcome == "done");
    database.sql("UPDATE scaiflow.sync_runs SET started_at = now() - interval '10 minutes'");
    BOOST_TEST(sweep().skipped_reason.value_or("") == "not_due");
    database.sql("INSERT INTO scaiflow.webhook_events (event_id, type, handled, outcome) VALUES ('evt_1', "
                 "'application.group_assigned', true, 'needs_sync')");
    BOOST_TEST(sweep().outcome == "done");
    database.sql(
        "UPDATE scaiflow.sync_runs SET started_at = now() - interval '6 minutes', outcome = 'unavailable'");
    BOOST_TEST(sweep().outcome == "done");
    database.sql(
        "UPDATE scaiflow.sync_runs SET started_at = now() - interval '3 minutes', outcome = 'failed'");
    BOOST_TEST(sweep().skipped_reason.value_or("") == "not_due");
    database.sql("UPDATE scaiflow.sync_runs SET started_at = now() - interval '3 days'");
    settings.interval_minutes = 0;
    BOOST_TEST(sweep().skipped_reason.value_or("") == "not_due");
    options.if_due = false;
    BOOST_TEST(sweep().outcome == "done");
}

BOOST_FIXTURE_TEST_CASE(a_sweep_of_one_tenant_leaves_the_others_and_the_schedule_alone, Company) {
    tenant("tnt_b").add_user("usr_zed", "zed@b.test");
    sweep();
    database.sql("UPDATE scaiflow.sync_runs SET started_at = now() - interval '2 hours'");
    tenant("tnt_a").add_user("usr_new", "new@a.test");
    tenant("tnt_b").add_user("usr_new2", "new@b.test");
    options.tenant = "tnt_a";
    const auto result = sweep();
    BOOST_TEST(result.tenants.size() == 1U);
    BOOST_TEST(users() == "usr_ann usr_bob usr_cyd usr_new usr_zed");
    options.tenant.reset();
    options.if_due = true;
    BOOST_TEST(sweep().outcome == "done");
    BOOST_TEST(users() == "usr_ann usr_bob usr_cyd usr_new usr_new2 usr_zed");
}

BOOST_FIXTURE_TEST_CASE(a_second_sweep_says_who_holds_the_lock, Company) {
    SweepResult second;
    tenant().during = [&] {
        tenant().during = nullptr;
        second = sweep();
    };
    const auto first = sweep();
    BOOST_TEST(first.outcome == "done");
    BOOST_TEST(second.exit_code == scai::job::exit_locked);
    BOOST_TEST(second.skipped_reason.value_or("") == "already_running");
    BOOST_TEST(second.holder.find("pid ") == 0U);
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.sync_runs") == "1");
}

BOOST_FIXTURE_TEST_CASE(no_super_admin_is_said_in_the_words_of_the_manual, Company) {
    const auto result = sweep();
    BOOST_TEST(says(result, "no_super_admin"));
    const auto text = to_text(result, false);
    BOOST_TEST(
        text.find(
            "ScaiKey sync OK but no super_admin elected. Two ways to bootstrap:\n"
            "  (manual)  scaiflow-admin grant <email> --role super_admin\n"
            "  (group)   set SCAIFLOW_SUPER_ADMIN_GROUPS to a comma-separated list of group ids/names\n") !=
        std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(members_of_the_super_admin_group_are_promoted_and_demoted, Company) {
    settings.super_admin_groups = {{"Ops"}, ""};
    auto result = sweep();
    BOOST_TEST(result.super_admins_group_promoted == 2);
    BOOST_TEST(result.super_admin_count == 2);
    BOOST_TEST(!says(result, "no_super_admin"));
    tenant().members["grp_ops"].erase("usr_bob");
    result = sweep();
    BOOST_TEST(result.super_admins_group_demoted == 1);
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.sync_changes WHERE object_type = 'role' AND change = "
                     "'demoted' AND "
                     "object_id = 'usr_bob'") == "1");
    tenant().members["grp_ops"].erase("usr_ann");
    tenant().members["grp_ops"].insert("usr_unknown");
    result = sweep();
    BOOST_TEST(result.super_admin_count == 1);
    BOOST_TEST(says(result, "last_super_admin_kept"));
    BOOST_TEST(result.outcome == "done");
    settings.super_admin_groups = {{"Nobody knows"}, ""};
    result = sweep();
    BOOST_TEST(says(result, "super_admin_group"));
}

BOOST_FIXTURE_TEST_CASE(additions_are_listed_up_to_the_cap_and_counted_in_full, Company) {
    options.max_changes = 2;
    const auto result = sweep();
    BOOST_TEST(result.changes_truncated);
    BOOST_TEST(result.counters.users_added == 3);
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.sync_changes WHERE object_type = 'user'") == "2");
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.sync_changes WHERE object_type = 'membership'") == "2");
}

BOOST_FIXTURE_TEST_CASE(run_left_open_by_a_killed_process_is_closed_and_its_rows_are_not_taken, Company) {
    sweep();
    database.sql("INSERT INTO scaiflow.sync_runs (id, trigger, dry_run, actor) VALUES ('run_dead', 'cron', "
                 "false, 'cron'); "
                 "INSERT INTO scaiflow.sweep_users SELECT w, 'usr_ghost', 'g@g', 'g', 'ACTIVE', NULL FROM "
                 "generate_series(1, 20) w");
    const auto result = sweep();
    BOOST_TEST(result.outcome == "done");
    BOOST_TEST(users() == "usr_ann usr_bob usr_cyd");
    BOOST_TEST(value("SELECT outcome FROM scaiflow.sync_runs WHERE id = 'run_dead'") == "killed");
    BOOST_TEST(value("SELECT messages -> 0 ->> 'text' FROM scaiflow.sync_runs WHERE id = 'run_dead'")
                   .find("the process ended before the run did") == 0U);
    BOOST_TEST(to_text(result, false).find("warning: run run_dead did not end: its process was killed") !=
               std::string::npos);
    BOOST_TEST(!says(sweep(), "killed_run"));
    BOOST_TEST(value("SELECT count(*) FROM scaiflow.sweep_users") == "0");
}

BOOST_FIXTURE_TEST_CASE(every_process_type_that_may_sweep_has_the_grants_it_needs, Company) {
    int step = 0;
    for (const char* role : {"scaiflow_jobs", "scaiflow_admin", "scaiflow_cli"}) {
        BOOST_TEST_CONTEXT(role) {
            auto& a = tenant();
            a.add_user("usr_" + std::to_string(++step), "x@a.test");
            a.children["grp_all"] =
                step % 2 == 1 ? std::set<std::string>{"grp_ops"} : std::set<std::string>();
            tenant("tnt_b").add_user("usr_b", "b@b.test");
            if (step == 2)
                upstream.tenants.erase("tnt_b");
            scai::db::Pool own(database.settings(role));
            Parts parts{own, clock, settings, upstream.factory()};
            BOOST_TEST(scaiflow::mirror::sweep(parts, options).outcome == "done");
            auto dry = options;
            dry.dry_run = true;
            BOOST_TEST(scaiflow::mirror::sweep(parts, dry).outcome == "done");
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
