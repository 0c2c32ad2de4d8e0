// What events do to the mirror, in a real database, as the role of the receiver. SPDX-License-Identifier:
// Apache-2.0
#include "lib/base/strings.hpp"
#include "lib/scaiflow/app/store_principal.hpp"
#include "lib/scaiflow/webhooks/service.hpp"
#include "tests/support/postgres.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <map>
#include <random>
#include <set>
#include <thread>

using namespace scaiflow::webhooks;

namespace {

const scai::UtcTime base = scai::from_unix_seconds(1'779'264'000); // 2026-05-20T08:00:00Z

std::string time_text(int seconds) {
    return scai::to_iso8601(base + std::chrono::seconds(seconds));
}

struct Receiver {
    test::Database db = test::migrated_database("scaiflow");
    scai::db::Pool pool{db.settings("scaiflow_webhooks")};
    Policy policy;
    int sent = 0;

    Receiver() { db.sql("INSERT INTO scaiflow.tenants (id) VALUES ('t1'), ('t2')"); }

    Receipt send(const std::string& text) {
        const auto body = scai::json::parse(text);
        BOOST_REQUIRE_MESSAGE(body, text);
        auto event = scai::directory::events::parse_event(*body, text, "", "");
        BOOST_REQUIRE(event);
        return receive(pool, *event, policy, base + std::chrono::hours(24));
    }
    /// One event at base + `seconds`; `data` are JSON members.
    Receipt event(const std::string& type, int seconds, const std::string& data,
                  const std::string& tenant = "t1") {
        return send(R"({"event_id":"evt_)" + std::to_string(++sent) + R"(","event_type":")" + type +
                    R"(","timestamp":")" + time_text(seconds) + R"(","tenant_id":")" + tenant +
                    R"(","data":{)" + data + "}}");
    }
    /// What the gate finds of u1 of t1.
    scaiflow::MirroredUser principal() { return scaiflow::find_principal(pool, "t1", "u1").value(); }
    Receipt add(const std::string& group, const std::string& user, int seconds) {
        return event("group.member_added", seconds,
                     R"("group_id":")" + group + R"(","user_id":")" + user + "\"");
    }
    Receipt remove(const std::string& group, const std::string& user, int seconds) {
        return event("group_membership.removed", seconds,
                     R"("group_id":")" + group + R"(","user_id":")" + user + "\"");
    }
    void people(const std::string& users, const std::string& groups) {
        for (const auto& id : scai::split_list(users))
            db.sql("INSERT INTO scaiflow.users (tenant_id, id, email, seen_by) VALUES ('t1', '" + id +
                   "', '" + id + "@x', 'effective_users')");
        for (const auto& id : scai::split_list(groups))
            db.sql("INSERT INTO scaiflow.groups (tenant_id, id, name) VALUES ('t1', '" + id + "', '" + id +
                   "')");
    }
    void edge(const std::string& parent, const std::string& child) {
        db.sql("INSERT INTO scaiflow.group_children VALUES ('t1', '" + parent + "', '" + child + "')");
    }
    /// "g1/u1 g2/u1*": live memberships, a star marks inherited ones.
    std::string memberships() {
        return db.value(
            "SELECT coalesce(string_agg(group_id || '/' || user_id || CASE WHEN direct THEN '' ELSE "
            "'*' END, ' ' ORDER BY group_id, user_id), '') FROM scaiflow.memberships WHERE "
            "tenant_id = 't1' AND deleted_at IS NULL");
    }
    std::string user(const std::string& columns, const std::string& id = "u1") {
        return db.value("SELECT " + columns + " FROM scaiflow.users WHERE tenant_id = 't1' AND id = '" + id +
                        "'");
    }
    std::string last_outcome() {
        return db.value(
            "SELECT outcome || '/' || handled FROM scaiflow.webhook_events WHERE event_id = 'evt_" +
            std::to_string(sent) + "'");
    }
};

constexpr auto ann = R"("id":"u1","email":"ann@x","display_name":"Ann","status":"ACTIVE")";

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_webhooks_service)

BOOST_AUTO_TEST_CASE(user_created_puts_the_user_into_the_mirror) {
    Receiver receiver;
    const auto receipt = receiver.event("user.created", 0, ann);
    BOOST_TEST(receipt.handled);
    BOOST_TEST((receipt.outcome == Outcome::applied));
    BOOST_TEST(receiver.user("email || '|' || display_name || '|' || status || '|' || seen_by") ==
               "ann@x|Ann|ACTIVE|webhook");
    BOOST_TEST(receiver.user("upstream_at = '" + time_text(0) + "'") == "t");
    BOOST_TEST(receiver.last_outcome() == "applied/true");
}

BOOST_AUTO_TEST_CASE(update_changes_only_what_it_names) {
    Receiver receiver;
    receiver.event("user.created", 0, ann);
    receiver.event("user.updated", 1, R"("id":"u1","email":"ann@y")");
    BOOST_TEST(receiver.user("email || '|' || display_name || '|' || status") == "ann@y|Ann|ACTIVE");
}

BOOST_AUTO_TEST_CASE(user_without_a_name_is_called_by_the_address) {
    Receiver receiver;
    receiver.event("user.created", 0, R"("id":"u1","email":"ann@x")");
    BOOST_TEST(receiver.user("display_name") == "ann@x");
}

BOOST_AUTO_TEST_CASE(suspended_and_activated_set_the_status) {
    Receiver receiver;
    receiver.event("user.created", 0, ann);
    BOOST_TEST(receiver.event("user.suspended", 1, R"("id":"u1")").handled);
    BOOST_TEST(receiver.user("status") == "SUSPENDED");
    BOOST_TEST(receiver.event("user.activated", 2, R"("id":"u1")").handled);
    BOOST_TEST(receiver.user("status") == "ACTIVE");
    receiver.event("user.suspended", 1, R"("id":"u1")"); // late
    BOOST_TEST(receiver.user("status") == "ACTIVE");
    BOOST_TEST(receiver.last_outcome() == "ignored_old/true");
}

BOOST_AUTO_TEST_CASE(user_deleted_is_soft_and_keeps_the_role) {
    Receiver receiver;
    receiver.event("user.created", 0, ann);
    receiver.db.sql("UPDATE scaiflow.users SET admin_role = 'tenant_admin', admin_role_source = 'manual'");
    BOOST_TEST(receiver.event("user.deleted", 5, R"("id":"u1")").handled);
    BOOST_TEST(receiver.user("(deleted_at IS NOT NULL) || admin_role || email") == "truetenant_adminann@x");
    BOOST_TEST(receiver.principal().deleted);
}

BOOST_AUTO_TEST_CASE(late_created_after_deleted_is_ignored_and_a_newer_one_is_not) {
    Receiver receiver;
    receiver.event("user.deleted", 5, R"("id":"u1")"); // of somebody never seen
    receiver.event("user.created", 0, ann);
    BOOST_TEST(receiver.user("deleted_at IS NOT NULL") == "t");
    BOOST_TEST(receiver.last_outcome() == "ignored_old/true");
    receiver.event("user.created", 6, ann);
    BOOST_TEST(receiver.user("(deleted_at IS NULL) || email || seen_by") == "trueann@xwebhook");
}

BOOST_AUTO_TEST_CASE(first_event_with_half_of_a_user_asks_for_a_sweep) {
    Receiver receiver;
    receiver.event("user.updated", 0, R"("id":"u1","display_name":"Ann")");
    BOOST_TEST(receiver.user("display_name") == "Ann");
    BOOST_TEST(receiver.last_outcome() == "needs_sync/true");
    BOOST_TEST(receiver.db.value("SELECT scaiflow.sync_requested()") == "t");
}

BOOST_AUTO_TEST_CASE(group_created_updated_deleted) {
    Receiver receiver;
    receiver.people("u1", "");
    receiver.event("group.created", 0, R"("id":"g1","name":"Ops")");
    receiver.event("group.updated", 1, R"("id":"g1","name":"Operations")");
    receiver.add("g1", "u1", 2);
    BOOST_TEST(receiver.db.value("SELECT name FROM scaiflow.groups") == "Operations");
    BOOST_TEST(receiver.memberships() == "g1/u1");
    receiver.event("group.deleted", 3, R"("id":"g1")");
    BOOST_TEST(receiver.db.value("SELECT deleted_at IS NOT NULL FROM scaiflow.groups") == "t");
    BOOST_TEST(receiver.memberships() == "");
    BOOST_TEST((receiver.add("g1", "u1", 2).outcome == Outcome::ignored_old)); // late
    BOOST_TEST(receiver.memberships() == "");
}

BOOST_AUTO_TEST_CASE(group_that_comes_back_asks_for_a_sweep_because_of_its_members) {
    Receiver receiver;
    receiver.event("group.created", 0, R"("id":"g1","name":"Ops")");
    receiver.event("group.deleted", 1, R"("id":"g1")");
    receiver.event("group.updated", 2, R"("id":"g1","name":"Ops")");
    BOOST_TEST(receiver.db.value("SELECT deleted_at IS NULL FROM scaiflow.groups") == "t");
    BOOST_TEST(receiver.last_outcome() == "needs_sync/true");
}

BOOST_AUTO_TEST_CASE(membership_is_added_and_removed_in_either_spelling) {
    Receiver receiver;
    receiver.people("u1", "g1");
    BOOST_TEST(receiver.add("g1", "u1", 0).handled);
    BOOST_TEST(receiver.last_outcome() == "applied/true");
    BOOST_TEST(receiver.memberships() == "g1/u1");
    receiver.remove("g1", "u1", 1);
    BOOST_TEST(receiver.memberships() == "");
    receiver.event("group_membership.added", 2, R"("group_id":"g1","user_id":"u1")");
    BOOST_TEST(receiver.memberships() == "g1/u1");
    receiver.event("group.member_removed", 1, R"("group_id":"g1","user_id":"u1")"); // late
    BOOST_TEST(receiver.memberships() == "g1/u1");
}

BOOST_AUTO_TEST_CASE(removal_that_arrives_first_beats_the_addition_before_it) {
    Receiver receiver;
    receiver.people("u1", "g1");
    receiver.remove("g1", "u1", 5);
    receiver.add("g1", "u1", 4);
    BOOST_TEST(receiver.memberships() == "");
}

BOOST_AUTO_TEST_CASE(groups_above_follow_a_member_event) {
    Receiver receiver;
    receiver.people("u1,u2", "top,mid,low");
    receiver.edge("top", "mid");
    receiver.edge("mid", "low");
    receiver.edge("low", "top"); // a cycle upstream must not hang us
    receiver.add("low", "u1", 0);
    receiver.add("mid", "u2", 0);
    BOOST_TEST(receiver.memberships() == "low/u1 low/u2* mid/u1* mid/u2 top/u1* top/u2*");
    receiver.remove("low", "u1", 1);
    BOOST_TEST(receiver.memberships() == "low/u2* mid/u2 top/u2*");
}

BOOST_AUTO_TEST_CASE(membership_through_another_branch_stays) {
    Receiver receiver;
    receiver.people("u1", "top,left,right");
    receiver.edge("top", "left");
    receiver.edge("top", "right");
    receiver.add("left", "u1", 0);
    receiver.add("right", "u1", 0);
    receiver.remove("left", "u1", 1);
    BOOST_TEST(receiver.memberships() == "right/u1 top/u1*");
    receiver.add("top", "u1", 2);
    BOOST_TEST(receiver.memberships() == "right/u1 top/u1");
    receiver.remove("top", "u1", 3); // the direct one goes, the inherited one stays
    BOOST_TEST(receiver.memberships() == "right/u1 top/u1*");
    receiver.remove("right", "u1", 4);
    BOOST_TEST(receiver.memberships() == "");
}

BOOST_AUTO_TEST_CASE(deleted_group_takes_what_was_inherited_through_it_and_no_more) {
    Receiver receiver;
    receiver.people("u1,u2,u3", "top,mid,low,other");
    receiver.edge("top", "mid");
    receiver.edge("mid", "low");
    receiver.edge("top", "other");
    receiver.add("low", "u1", 0);
    receiver.add("mid", "u2", 0);
    receiver.add("mid", "u3", 0);
    receiver.add("other", "u3", 0);
    receiver.event("group.deleted", 1, R"("id":"mid")");
    BOOST_TEST(receiver.memberships() == "low/u1 other/u3 top/u3*");
    BOOST_TEST(receiver.db.value("SELECT count(*) FROM scaiflow.group_children") == "1");
    BOOST_TEST(receiver.db.value("SELECT count(*) FROM scaiflow.memberships WHERE group_id = 'mid' AND "
                                 "upstream_at < '" +
                                 time_text(1) + "'") == "0"); // a sweep that began earlier leaves them alone
}

BOOST_AUTO_TEST_CASE(membership_of_somebody_unknown_is_kept_for_his_arrival) {
    Receiver receiver;
    receiver.people("", "g1");
    receiver.add("g1", "u1", 1);
    BOOST_TEST(receiver.last_outcome() == "needs_sync/true");
    receiver.event("user.created", 0, ann); // overtaken
    BOOST_TEST(receiver.principal().groups == std::vector<std::string>{"g1"});
}

BOOST_AUTO_TEST_CASE(nested_group_and_application_events_are_left_to_a_sweep) {
    for (const auto& [type, data] :
         {std::pair{"group.member_added", R"("group_id":"g1","member_id":"g2","member_type":"group")"},
          {"application.group_assigned", R"("group_id":"g1")"},
          {"application.group_unassigned", R"("group_id":"g1")"},
          {"application.user_assigned", R"("user_id":"u1")"}}) {
        Receiver receiver;
        receiver.people("", "g1,g2");
        BOOST_TEST(receiver.event(type, 0, data).handled);
        BOOST_TEST(receiver.last_outcome() == "needs_sync/true");
        BOOST_TEST(receiver.memberships() == "");
        BOOST_TEST(receiver.db.value("SELECT count(*) FROM scaiflow.groups") == "2");
        BOOST_TEST(receiver.db.value("SELECT scaiflow.sync_requested()") == "t");
    }
}

BOOST_AUTO_TEST_CASE(event_that_names_nothing_is_not_handled_and_asks_for_a_sweep) {
    Receiver receiver;
    BOOST_TEST(!receiver.event("user.deleted", 0, "").handled);
    BOOST_TEST(receiver.last_outcome() == "needs_sync/false");
}

BOOST_AUTO_TEST_CASE(event_without_a_time_asks_for_a_sweep) {
    Receiver receiver;
    BOOST_TEST(
        receiver.send(R"({"event_id":"e1","event_type":"user.deleted","tenant_id":"t1","data":{"id":"u1"}})")
            .handled);
    BOOST_TEST(receiver.db.value("SELECT outcome FROM scaiflow.webhook_events") == "needs_sync");
    BOOST_TEST(receiver.db.value("SELECT count(*) FROM scaiflow.users") == "0");
}

BOOST_AUTO_TEST_CASE(unknown_type_is_acknowledged_and_changes_nothing) {
    Receiver receiver;
    const auto receipt = receiver.event("user.password_changed", 0, R"("id":"u1")");
    BOOST_TEST(!receipt.handled);
    BOOST_TEST(receiver.last_outcome() == "unknown_type/false");
    BOOST_TEST(receiver.db.value("SELECT count(*) FROM scaiflow.users") == "0");
    BOOST_TEST(receiver.db.value("SELECT scaiflow.sync_requested()") == "f");
}

BOOST_AUTO_TEST_CASE(duplicate_has_no_effect_and_gets_the_same_answer) {
    Receiver receiver;
    receiver.event("user.created", 0, ann);
    receiver.sent = 0;
    const auto again = receiver.event("user.deleted", 9, R"("id":"u1")"); // same id, whatever it says
    BOOST_TEST(again.duplicate);
    BOOST_TEST(again.handled);
    BOOST_TEST(receiver.user("deleted_at IS NULL") == "t");
}

BOOST_AUTO_TEST_CASE(twins_in_flight_are_applied_once) {
    Receiver receiver;
    receiver.people("u1", "g1");
    const std::string text = R"({"event_id":"e1","event_type":"group.member_added","timestamp":")" +
                             time_text(0) + R"(","tenant_id":"t1","data":{"group_id":"g1","user_id":"u1"}})";
    std::atomic<int> first{0};
    std::vector<std::thread> twins;
    for (int i = 0; i < 4; ++i)
        twins.emplace_back([&] {
            const auto body = scai::json::parse(text);
            auto event = scai::directory::events::parse_event(*body, text, "", "");
            if (!receive(receiver.pool, *event, receiver.policy, base).duplicate)
                ++first;
        });
    for (auto& twin : twins)
        twin.join();
    BOOST_TEST(first == 1);
    BOOST_TEST(receiver.memberships() == "g1/u1");
}

BOOST_AUTO_TEST_CASE(failure_leaves_nothing_behind_so_that_the_retry_counts) {
    Receiver receiver;
    receiver.people("u1", "g1");
    receiver.db.sql("ALTER TABLE scaiflow.memberships ADD CONSTRAINT trouble CHECK (user_id <> 'u1')");
    BOOST_CHECK_THROW(receiver.add("g1", "u1", 0), scai::db::Error);
    BOOST_TEST(receiver.db.value("SELECT count(*) FROM scaiflow.webhook_events") == "0");
    receiver.db.sql("ALTER TABLE scaiflow.memberships DROP CONSTRAINT trouble");
    receiver.sent = 0;
    BOOST_TEST(!receiver.add("g1", "u1", 0).duplicate);
    BOOST_TEST(receiver.memberships() == "g1/u1");
}

BOOST_AUTO_TEST_CASE(old_events_are_forgotten_a_few_at_a_time) {
    Receiver receiver;
    receiver.db.sql(
        "INSERT INTO scaiflow.webhook_events SELECT 'old' || i, 'x', 't1', now(), now() - interval "
        "'8 days', true, 'applied' FROM generate_series(1, 50) i");
    receiver.db.sql(
        "INSERT INTO scaiflow.webhook_events VALUES ('young', 'x', 't1', now(), now() - interval '6 "
        "days', true, 'applied')");
    receiver.event("user.created", 0, ann);
    BOOST_TEST(receiver.db.value("SELECT count(*) FROM scaiflow.webhook_events") == "32");
    receiver.event("user.updated", 1, ann);
    receiver.event("user.updated", 2, ann);
    BOOST_TEST(receiver.db.value("SELECT count(*) FROM scaiflow.webhook_events") == "4");
}

BOOST_AUTO_TEST_CASE(tenant_nobody_has_swept_is_left_to_a_sweep) {
    Receiver receiver;
    BOOST_TEST(receiver.event("user.created", 0, ann, "t9").handled);
    BOOST_TEST(receiver.last_outcome() == "needs_sync/true");
    BOOST_TEST(receiver.db.value("SELECT count(*) FROM scaiflow.users") == "0");
}

BOOST_AUTO_TEST_CASE(tenant_is_found_through_the_object_when_the_event_names_none) {
    Receiver receiver;
    receiver.people("u1", "g1");
    receiver.event("user.updated", 1, R"("id":"u1","email":"new@x")", "");
    BOOST_TEST(receiver.user("email") == "new@x");
    BOOST_TEST(receiver.db.value("SELECT tenant_id FROM scaiflow.webhook_events") == "t1");
    receiver.add("g1", "u1", 1);
    receiver.db.sql("INSERT INTO scaiflow.users (tenant_id, id, seen_by) VALUES ('t2', 'u1', 'webhook')");
    receiver.event("user.updated", 2, R"("id":"u1","email":"newer@x")", ""); // now it could be either
    BOOST_TEST(receiver.user("email") == "new@x");
    BOOST_TEST(receiver.last_outcome() == "needs_sync/true");
}

BOOST_AUTO_TEST_CASE(pinned_tenant_takes_no_others_events) {
    Receiver receiver;
    receiver.policy.pinned_tenant = "t1";
    BOOST_TEST(!receiver.event("user.created", 0, ann, "t2").handled);
    BOOST_TEST(receiver.last_outcome() == "ignored_tenant/false");
    BOOST_TEST(receiver.event("user.created", 0, ann, "").handled);
    BOOST_TEST(receiver.user("email") == "ann@x");
    BOOST_TEST(receiver.db.value("SELECT count(*) FROM scaiflow.users") == "1");
}

BOOST_AUTO_TEST_CASE(same_ids_of_two_tenants_do_not_touch_each_other) {
    Receiver receiver;
    receiver.event("user.created", 0, ann, "t1");
    receiver.event("user.created", 0, R"("id":"u1","email":"other@x")", "t2");
    receiver.event("user.deleted", 1, R"("id":"u1")", "t2");
    BOOST_TEST(receiver.user("(deleted_at IS NULL) || email") == "trueann@x");
}

BOOST_AUTO_TEST_CASE(suspended_or_deleted_tenant_takes_its_users_with_it) {
    Receiver receiver;
    receiver.event("user.created", 0, ann);
    receiver.event("tenant.updated", 1, R"("id":"t1","name":"Acme","status":"SUSPENDED")");
    BOOST_TEST(receiver.principal().status == "TENANT_SUSPENDED");
    receiver.event("tenant.updated", 2, R"("id":"t1","status":"ACTIVE")");
    BOOST_TEST(receiver.principal().status == "ACTIVE");
    receiver.event("tenant.deleted", 3, R"("id":"t1")");
    BOOST_TEST(receiver.principal().deleted);
    receiver.event("tenant.updated", 2, R"("id":"t1","status":"ACTIVE")"); // late
    BOOST_TEST(receiver.principal().deleted);
    BOOST_TEST(receiver.event("tenant.created", 3, R"("id":"t7","name":"New")", "t7").handled);
    BOOST_TEST(receiver.last_outcome() == "needs_sync/true");
}

BOOST_AUTO_TEST_CASE(what_a_sweep_has_seen_is_not_undone_by_a_late_event) {
    Receiver receiver;
    receiver.people("u1", "g1");
    receiver.db.sql(
        "INSERT INTO scaiflow.sync_runs (id, trigger, dry_run, actor, started_at, outcome) VALUES "
        "('run_1', 'cron', false, 'cron', '" +
        time_text(1000) + "', 'done')");
    receiver.db.sql("UPDATE scaiflow.tenants SET last_run = (SELECT number FROM scaiflow.sync_runs)");
    receiver.event("user.updated", 500, R"("id":"u1","email":"old@x")");
    BOOST_TEST(receiver.last_outcome() == "ignored_old/true");
    receiver.event("user.created", 500, R"("id":"u2","email":"gone@x")");
    receiver.add("g1", "u1", 500);
    BOOST_TEST(receiver.memberships() == "");
    BOOST_TEST(receiver.db.value("SELECT count(*) FROM scaiflow.users") == "1");
    receiver.add("g1", "u1", 990); // too close to tell: another sweep will
    BOOST_TEST(receiver.last_outcome() == "needs_sync/true");
    BOOST_TEST(receiver.memberships() == "");
    receiver.add("g1", "u1", 1001);
    BOOST_TEST(receiver.memberships() == "g1/u1");
}

BOOST_AUTO_TEST_CASE(time_in_the_future_freezes_a_row_for_the_window_only) {
    Receiver receiver;
    receiver.event("user.created", 10 * 86'400, ann); // the receiver's clock says one day
    BOOST_TEST(receiver.user("upstream_at = '" + time_text(86'400 + 300) + "'") == "t");
}

BOOST_AUTO_TEST_CASE(random_nested_groups_and_events_leave_the_closure_of_the_direct_memberships) {
    std::mt19937 random(2024);
    const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    for (int round = 0; round < 6; ++round) {
        Receiver receiver;
        receiver.people("u0,u1,u2", "g0,g1,g2,g3,g4,g5");
        std::set<std::pair<int, int>> edges, direct; // parent, child; group, user
        for (int i = 0; i < 8; ++i)
            if (const auto edge = std::pair(pick(6), pick(6)); edges.insert(edge).second)
                receiver.edge("g" + std::to_string(edge.first), "g" + std::to_string(edge.second));
        for (int step = 0; step < 40; ++step) {
            const int group = pick(6), user = pick(3);
            const std::string g = "g" + std::to_string(group), u = "u" + std::to_string(user);
            if (pick(2) == 0) {
                direct.insert({group, user});
                receiver.add(g, u, step);
            } else {
                direct.erase({group, user});
                receiver.remove(g, u, step);
            }
            if (step == 30) {
                std::erase_if(edges, [&](auto edge) { return edge.first == group || edge.second == group; });
                std::erase_if(direct, [&](auto pair) { return pair.first == group; });
                receiver.event("group.deleted", step, R"("id":")" + g + "\"");
                break;
            }
        }
        std::map<std::string, bool> expected; // "g/u" -> direct
        for (const auto& [group, user] : direct) {
            std::set<int> reached{group};
            for (bool grew = true; grew;) {
                grew = false;
                for (const auto& [parent, child] : edges)
                    grew |= reached.contains(child) && reached.insert(parent).second;
            }
            for (const int g : reached)
                expected["g" + std::to_string(g) + "/u" + std::to_string(user)] |= false;
        }
        for (const auto& [group, user] : direct)
            expected["g" + std::to_string(group) + "/u" + std::to_string(user)] = true;
        std::string text;
        for (const auto& [pair, is_direct] : expected)
            text += (text.empty() ? "" : " ") + pair + (is_direct ? "" : "*");
        BOOST_TEST(receiver.memberships() == text, "round " << round);
    }
}

BOOST_AUTO_TEST_SUITE_END()
