// Whatever webhooks did before, in any order, doubled or lost: after one sweep the mirror is what the sweep
// alone would have made it. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/webhooks/service.hpp"
#include "tests/db/lib/scaiflow/mirror/fixture.hpp"

#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <random>

using namespace scaiflow::webhooks;
using scai::json::Value;

namespace {

constexpr const char* tenant_id = "t1";

struct Options {
    bool whole_seconds = false; ///< event times as coarse as some senders write them
    bool lossy = true, shuffled = true;
    bool nesting_changes = true;
    bool comebacks = true; ///< deleted ids are used again
    std::string users_method = "effective_users";
};

/// A directory that lives: every step changes it and says so in an event.
class World {
public:
    World(unsigned seed, Options options) : random_(seed), options_(options) {
        upstream.tenants[tenant_id].users_method = options.users_method;
        auto& tenant = here();
        tenant.add_user("keeper", "keeper@x");
        tenant.add_group("g0", {"keeper"}); // elevated; neither ever goes
        for (int i = 0; i < 6; ++i)
            tenant.add_user(user_name(i), user_name(i) + "@x");
        for (int i = 1; i < 6; ++i)
            tenant.add_group(group_name(i), {"keeper", user_name(pick(6))});
        for (int i = 0; i < 4; ++i)
            nest(pick(6), pick(6));
    }

    void step() {
        auto& tenant = here();
        const std::string user = user_name(pick(8)), group = group_name(pick(7));
        const bool known = tenant.users.contains(user), there = tenant.groups.contains(group);
        if (!options_.comebacks && ((!known && gone_.contains(user)) || (!there && gone_.contains(group))))
            return;
        gone_.insert(user);
        gone_.insert(group);
        switch (pick(12)) {
        case 0:
            return put_user(user, known ? "user.updated" : "user.created");
        case 1:
            if (known) {
                tenant.remove_user(user);
                tell("user.deleted", Value::object({{"id", user}}));
            }
            return;
        case 2:
            if (known) {
                auto& status = tenant.users[user].status;
                status = status == "ACTIVE" ? "SUSPENDED" : "ACTIVE";
                tell(status == "ACTIVE" ? "user.activated" : "user.suspended",
                     Value::object({{"user_id", user}}));
            }
            return;
        case 3:
            if (!there)
                tenant.add_group(group, {}, "");
            tenant.groups[group].name = "Name " + std::to_string(++counter_);
            return tell(there ? "group.updated" : "group.created",
                        Value::object({{"id", group}, {"name", tenant.groups[group].name}}));
        case 4:
            if (there && group != "g0") {
                tenant.remove_group(group);
                tell("group.deleted", Value::object({{"id", group}}));
            }
            return;
        case 5:
            if (options_.nesting_changes && there)
                nest(pick(6), pick(6), true);
            return;
        default:
            if (known && there)
                flip(group, user);
        }
    }

    test::ScriptedUpstream upstream;
    std::vector<std::string> events;

    /// What arrives, when it arrives.
    std::vector<std::string> deliveries() {
        std::vector<std::string> out;
        for (const auto& event : events)
            for (int copies = options_.lossy ? pick(4) : 1; copies > 0; --copies)
                out.push_back(event);
        if (options_.shuffled)
            std::shuffle(out.begin(), out.end(), random_);
        return out;
    }

private:
    test::ScriptedTenant& here() { return upstream.tenants[tenant_id]; }
    int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
    static std::string user_name(int i) { return "u" + std::to_string(i); }
    static std::string group_name(int i) { return "g" + std::to_string(i); }

    void put_user(const std::string& id, const char* type) {
        auto& user = here().users[id];
        user.id = id;
        user.email = id + "." + std::to_string(++counter_) + "@x";
        user.display_name = "Name " + std::to_string(counter_);
        user.status = "ACTIVE";
        tell(type, Value::object({{"id", id},
                                  {"email", user.email},
                                  {"display_name", user.display_name},
                                  {"status", user.status}}));
    }
    void flip(const std::string& group, const std::string& user) {
        auto& members = here().members[group];
        const bool added = members.insert(user).second;
        if (!added)
            members.erase(user);
        const bool ours = pick(2) == 0;
        tell(added ? (ours ? "group_membership.added" : "group.member_added")
                   : (ours ? "group_membership.removed" : "group.member_removed"),
             Value::object({{"group_id", group}, {"user_id", user}}));
    }
    void nest(int parent, int child, bool say = false) {
        const auto from = group_name(parent), to = group_name(child);
        if (from == to || !here().groups.contains(from) || !here().groups.contains(to))
            return;
        const bool added = here().children[from].insert(to).second;
        if (!added && say)
            here().children[from].erase(to);
        if (say)
            tell(added ? "group.member_added" : "group.member_removed",
                 Value::object({{"group_id", from}, {"member_id", to}, {"member_type", "group"}}));
    }
    void tell(const char* type, Value data) {
        auto at = std::max(last_ + std::chrono::microseconds(1), clock_.now());
        last_ = at;
        if (options_.whole_seconds)
            at = std::chrono::floor<std::chrono::seconds>(at);
        const auto id = "evt_" + std::to_string(events.size());
        const bool ours = pick(2) == 0;
        if (ours)
            data.set("tenant_id", tenant_id);
        auto event = ours ? Value::object({{"id", id}, {"type", type}, {"created_at", scai::to_iso8601(at)}})
                          : Value::object({{"event_id", id},
                                           {"event_type", type},
                                           {"timestamp", scai::to_iso8601(at)},
                                           {"tenant_id", tenant_id}});
        events.push_back(event.set("data", data).dump());
    }

    std::mt19937 random_;
    Options options_;
    scai::SystemClock clock_;
    scai::UtcTime last_{};
    int counter_ = 0;
    std::set<std::string> gone_; ///< every id ever used
};

/// One ScaiFlow: a mirror with its sweeps and its receiver.
struct Host : test::SweepFixture {
    scai::db::Pool receiver{database.settings("scaiflow_webhooks")};
    Policy policy;

    explicit Host(const test::ScriptedUpstream& from) {
        upstream = from;
        settings.super_admin_groups = {.entries = {"g0"}, .home_tenant = tenant_id};
        policy.super_admin_groups = settings.super_admin_groups;
    }
    void look_again(const test::ScriptedUpstream& from) {
        upstream = from;
        const auto result = sweep();
        BOOST_TEST(result.outcome == "done");
        BOOST_TEST(!result.breaker.has_value());
    }
    void deliver(const std::string& text) {
        const auto body = scai::json::parse(text);
        BOOST_REQUIRE(body);
        auto event = scai::directory::events::parse_event(*body, text, "", "");
        BOOST_REQUIRE(event);
        receive(receiver, *event, policy, clock.now());
    }
    /// Everything live, as text.
    std::string state(bool members_only = false) const {
        const std::string user_filter = members_only ? " AND EXISTS (SELECT FROM scaiflow.memberships m "
                                                       "WHERE m.user_id = u.id AND m.deleted_at IS "
                                                       "NULL)"
                                                     : "";
        return value(
            "SELECT string_agg(x, E'\\n' ORDER BY x COLLATE \"C\") FROM ("
            "SELECT concat_ws('|', 'user', id, email, display_name, status, admin_role, admin_role_source) "
            "AS x FROM scaiflow.users u WHERE deleted_at IS NULL" +
            user_filter +
            " UNION ALL SELECT concat_ws('|', 'group', id, name, status) FROM scaiflow.groups WHERE "
            "deleted_at IS NULL "
            "UNION ALL SELECT concat_ws('|', 'member', m.group_id, m.user_id, m.direct) FROM "
            "scaiflow.memberships m JOIN scaiflow.users u ON u.id = m.user_id WHERE m.deleted_at IS NULL AND "
            "u.deleted_at IS NULL "
            "UNION ALL SELECT concat_ws('|', 'edge', parent_id, child_id) FROM scaiflow.group_children "
            "UNION ALL SELECT concat_ws('|', 'grant', g.user_id, g.role, g.source, g.group_id) FROM "
            "scaiflow.role_grants g JOIN scaiflow.users u ON u.id = g.user_id WHERE u.deleted_at IS NULL) t");
    }
};

/// Two hosts see the same beginning; one hears of the changes by webhook, the other does not.
void play(unsigned seed, Options options, bool swept_before, int steps) {
    World world(seed, options);
    Host hearing(world.upstream), deaf(world.upstream);
    if (swept_before) {
        hearing.look_again(world.upstream);
        deaf.look_again(world.upstream);
    } else {
        hearing.database.sql("INSERT INTO scaiflow.tenants (id) VALUES ('t1')");
    }
    for (int i = 0; i < steps; ++i)
        world.step();
    for (const auto& event : world.deliveries())
        hearing.deliver(event);
    hearing.look_again(world.upstream);
    deaf.look_again(world.upstream);
    const bool members_only = options.users_method == "member_walk";
    BOOST_TEST(hearing.state(members_only) == deaf.state(members_only), "seed " << seed);
    BOOST_TEST(hearing.value("SELECT scaiflow.sync_requested('0 seconds')") == "f");
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_webhooks_property)

BOOST_DATA_TEST_CASE(any_order_doubles_and_losses_then_a_sweep_end_as_the_sweep_alone,
                     boost::unit_test::data::xrange(6U), seed) {
    play(seed, {}, seed % 2 == 0, 120);
}

BOOST_DATA_TEST_CASE(so_they_do_with_times_too_coarse_to_order, boost::unit_test::data::xrange(100U, 103U),
                     seed) {
    play(seed, {.whole_seconds = true}, seed % 2 == 0, 120);
}

BOOST_DATA_TEST_CASE(so_they_do_for_members_when_only_groups_can_be_walked,
                     boost::unit_test::data::xrange(200U, 203U), seed) {
    play(seed, {.users_method = "member_walk"}, true, 120);
}

BOOST_DATA_TEST_CASE(complete_delivery_in_order_needs_no_sweep, boost::unit_test::data::xrange(300U, 304U),
                     seed) {
    World world(seed, {.lossy = false, .shuffled = false, .nesting_changes = false, .comebacks = false});
    Host hearing(world.upstream), deaf(world.upstream);
    hearing.look_again(world.upstream);
    const auto beginning = hearing.state();
    for (int i = 0; i < 150; ++i)
        world.step();
    for (const auto& event : world.deliveries())
        hearing.deliver(event);
    deaf.look_again(world.upstream);
    BOOST_TEST(hearing.state() == deaf.state());
    BOOST_TEST(hearing.state() != beginning);
    BOOST_TEST(hearing.value("SELECT count(*) > 30 FROM scaiflow.webhook_events WHERE outcome = 'applied'") ==
               "t");
}

BOOST_AUTO_TEST_CASE(what_arrives_while_a_sweep_reads_is_not_undone_by_it) {
    test::ScriptedUpstream before;
    auto& tenant = before.tenants[tenant_id];
    for (const auto* id : {"ann", "bob", "cid"})
        tenant.add_user(id, std::string(id) + "@x");
    tenant.add_group("g0", {"ann"});
    tenant.add_group("top", {});
    tenant.add_group("low", {"bob", "cid"});
    tenant.add_group("odd", {"cid"});
    tenant.children["top"] = {"low"};
    Host host(before);
    host.look_again(before);
    BOOST_TEST(host.memberships() == "g0/ann low/bob low/cid odd/cid top/bob top/cid");

    // The sweep below still reads the old state, as if it had asked just before the changes.
    int count = 0;
    const auto tell = [&](const char* type, Value data) {
        host.deliver(Value::object({{"event_id", "evt_" + std::to_string(++count)},
                                    {"event_type", type},
                                    {"timestamp", scai::to_iso8601(host.clock.now())},
                                    {"tenant_id", tenant_id},
                                    {"data", std::move(data)}})
                         .dump());
    };
    host.upstream.tenants[tenant_id].during = [&] {
        if (count > 0)
            return;
        tell("group.member_removed", Value::object({{"group_id", "low"}, {"user_id", "bob"}}));
        tell("user.suspended", Value::object({{"id", "bob"}}));
        tell("group.deleted", Value::object({{"id", "odd"}}));
        tell("user.created", Value::object({{"id", "dan"}, {"email", "dan@x"}}));
        tell("group.member_added", Value::object({{"group_id", "low"}, {"user_id", "dan"}}));
        tell("user.deleted", Value::object({{"id", "ann"}}));
    };
    const auto result = host.sweep();
    BOOST_TEST(result.outcome == "done");
    BOOST_TEST(count == 6);
    BOOST_TEST(host.users() == "bob cid dan");
    BOOST_TEST(host.groups() == "g0 low top");
    BOOST_TEST(host.value("SELECT status FROM scaiflow.users WHERE id = 'bob'") == "SUSPENDED");
    BOOST_TEST(
        host.value("SELECT string_agg(group_id || '/' || user_id, ' ' ORDER BY group_id, user_id) FROM "
                   "scaiflow.memberships WHERE deleted_at IS NULL AND user_id IN ('bob', 'cid', 'dan')") ==
        "low/cid low/dan top/cid top/dan");
}

BOOST_AUTO_TEST_SUITE_END()
