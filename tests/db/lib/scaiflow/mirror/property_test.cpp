// Random directories that change at random and cannot always be read: the set-based sweep must agree, row by
// row and counter by counter, with a naive one written down here. SPDX-License-Identifier: Apache-2.0
#include "tests/db/lib/scaiflow/mirror/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace scaiflow::mirror;

namespace {

/// The mirror of one tenant as plain sets, kept up by rules stated one object at a time.
struct Naive {
    struct Row {
        std::string text;
        bool live = true, effective = true;
    };
    std::map<std::string, Row> users, groups;
    std::map<std::string, std::pair<bool, bool>> memberships; ///< "g/u" -> live, direct

    /// All groups below, cycle-safe, itself included.
    static void below(const test::ScriptedTenant& t, const std::string& group, std::set<std::string>& out) {
        if (!out.insert(group).second)
            return;
        const auto children = t.children.find(group);
        if (children == t.children.end())
            return;
        for (const auto& child : children->second)
            below(t, child, out);
    }

    Counters sweep(const test::ScriptedTenant& t) {
        Counters c;
        const bool effective = t.users_method == "effective_users";
        std::set<std::string> listed, frozen, seen;
        for (const auto& [id, group] : t.groups) {
            if (!t.unlisted.contains(id))
                listed.insert(id);
        }
        for (const auto& id : listed) {
            std::set<std::string> all;
            below_read(t, id, all);
            for (const auto& group : all) {
                if (t.unreadable.contains(group) && listed.contains(group))
                    frozen.insert(id);
            }
        }
        const bool groups_proven = t.groups_complete;
        if (effective) {
            for (const auto& [id, user] : t.users) {
                if (!t.unlisted.contains(id))
                    seen.insert(id);
            }
        } else {
            for (const auto& id : listed) {
                if (t.unreadable.contains(id))
                    continue;
                for (const auto& user : t.members.at(id))
                    seen.insert(user);
            }
        }
        const bool any_unknown =
            std::ranges::any_of(listed, [&](const auto& id) { return t.unreadable.contains(id); }) ||
            (!groups_proven && std::ranges::any_of(groups, [&](const auto& g) {
                return g.second.live && !listed.contains(g.first);
            }));
        sweep_users(t, seen, effective, groups_proven && !any_unknown, c);
        for (auto& [id, row] : groups) {
            if (row.live && !listed.contains(id) && groups_proven) {
                row.live = false;
                ++c.groups_soft_deleted;
            }
        }
        for (const auto& id : listed)
            count(groups, id, t.groups.at(id).name, true, c.groups_added, c.groups_undeleted,
                  c.groups_updated);
        c.groups_seen = static_cast<std::int64_t>(listed.size());
        sweep_memberships(t, listed, frozen, c);
        return c;
    }

private:
    /// Edges are only known of groups whose members were read.
    static void below_read(const test::ScriptedTenant& t, const std::string& group,
                           std::set<std::string>& out) {
        if (!out.insert(group).second || t.unreadable.contains(group))
            return;
        const auto children = t.children.find(group);
        if (children == t.children.end())
            return;
        for (const auto& child : children->second)
            below_read(t, child, out);
    }
    static void count(std::map<std::string, Row>& rows, const std::string& id, const std::string& text,
                      bool effective, std::int64_t& added, std::int64_t& undeleted, std::int64_t& updated) {
        const auto [at, fresh] = rows.try_emplace(id, Row{text, true, effective});
        if (fresh)
            ++added;
        else if (!at->second.live)
            ++undeleted;
        else if (at->second.text != text)
            ++updated;
        if (!fresh && !at->second.live)
            at->second.effective = effective;
        at->second.effective = at->second.effective || effective;
        at->second.text = text;
        at->second.live = true;
    }
    void sweep_users(const test::ScriptedTenant& t, const std::set<std::string>& seen, bool effective,
                     bool walk_proves, Counters& c) {
        for (auto& [id, row] : users) {
            if (!row.live || seen.contains(id))
                continue;
            if (effective ? t.users_complete : walk_proves && !row.effective) {
                row.live = false;
                ++c.users_soft_deleted;
            } else {
                ++c.users_unverified;
            }
        }
        for (const auto& id : seen)
            count(users, id, t.users.at(id).email, effective, c.users_added, c.users_undeleted,
                  c.users_updated);
        c.users_seen = static_cast<std::int64_t>(seen.size());
    }
    void sweep_memberships(const test::ScriptedTenant& t, const std::set<std::string>& listed,
                           const std::set<std::string>& frozen, Counters& c) {
        std::map<std::string, bool> upstream;
        for (const auto& group : listed) {
            if (frozen.contains(group))
                continue;
            std::set<std::string> all;
            below(t, group, all);
            for (const auto& from : all) {
                if (!t.members.contains(from))
                    continue;
                for (const auto& user : t.members.at(from))
                    upstream[group + "/" + user] |= from == group;
            }
        }
        c.memberships_seen = static_cast<std::int64_t>(upstream.size());
        for (auto& [key, row] : memberships) {
            const std::string group = key.substr(0, key.find('/'));
            const bool known = listed.contains(group) ? !frozen.contains(group) : t.groups_complete;
            if (row.first && known && !upstream.contains(key)) {
                row.first = false;
                ++c.memberships_soft_deleted;
            }
        }
        for (const auto& [key, direct] : upstream) {
            const auto [at, fresh] = memberships.try_emplace(key, true, direct);
            if (fresh || !at->second.first)
                ++c.memberships_added;
            at->second = {true, direct};
        }
    }
};

class Dice {
public:
    explicit Dice(unsigned seed) : engine_(seed) {}
    int below(int n) { return static_cast<int>(engine_() % static_cast<unsigned>(n)); }
    bool one_in(int n) { return below(n) == 0; }
    std::string user() { return "usr_" + std::to_string(below(14)); }
    std::string group() { return "grp_" + std::to_string(below(6)); }

private:
    std::mt19937 engine_;
};

void mutate(test::ScriptedTenant& t, Dice& dice) {
    for (int i = dice.below(6); i >= 0; --i) {
        const auto user = dice.user(), group = dice.group();
        switch (dice.below(7)) {
        case 0:
            t.add_user(user, user + std::to_string(dice.below(3)) + "@x.test");
            break;
        case 1:
            t.remove_user(user);
            break;
        case 2:
            if (!t.groups.contains(group))
                t.add_group(group, {});
            t.groups[group].name = "Name " + std::to_string(dice.below(3));
            break;
        case 3:
            t.remove_group(group);
            break;
        case 4:
        case 5:
            if (t.groups.contains(group) && t.users.contains(user))
                t.members[group].insert(user);
            break;
        default:
            if (const auto child = dice.group(); t.groups.contains(group) && t.groups.contains(child)) {
                if (!t.children[group].insert(child).second)
                    t.children[group].erase(child);
            }
        }
    }
}

void trouble(test::ScriptedTenant& t, Dice& dice) {
    t.users_method = dice.one_in(3) ? "member_walk" : "effective_users";
    t.users_complete = t.groups_complete = true;
    t.unreadable.clear();
    t.unlisted.clear();
    t.copies = dice.one_in(4) ? 2 : 1;
    if (dice.one_in(4) && !t.groups.empty())
        t.unreadable.insert(dice.group());
    std::erase_if(t.unreadable, [&](const auto& id) { return !t.groups.contains(id); });
    if (dice.one_in(5)) {
        t.users_complete = false;
        t.unlisted.insert(dice.user());
    }
    // A group list with a gap, and nobody nests in the gap: then the directory would have read it all the
    // same.
    if (dice.one_in(5) && t.children.empty()) {
        t.groups_complete = false;
        t.unlisted.insert(dice.group());
    }
}

std::string text(const Counters& c) {
    std::string out;
    for (const auto value :
         {c.users_seen, c.users_added, c.users_undeleted, c.users_soft_deleted, c.users_updated,
          c.users_unverified, c.groups_seen, c.groups_added, c.groups_undeleted, c.groups_soft_deleted,
          c.groups_updated, c.memberships_seen, c.memberships_added, c.memberships_soft_deleted})
        out += std::to_string(value) + " ";
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_mirror_property)

BOOST_AUTO_TEST_CASE(set_based_sweep_agrees_with_the_naive_one) {
    for (unsigned seed = 1; seed <= 4; ++seed) {
        test::SweepFixture f;
        f.settings.max_deletes = 1000000;
        Naive naive;
        Dice dice(seed);
        auto& t = f.tenant();
        for (int i = 0; i < 10; ++i)
            mutate(t, dice);
        for (int step = 0; step < 25; ++step) {
            BOOST_TEST_CONTEXT("seed " << seed << ", step " << step) {
                mutate(t, dice);
                trouble(t, dice);
                auto before = naive;
                const Counters expected = naive.sweep(t);
                const auto result = f.force();
                if (result.breaker) { // an empty listing: nothing may have changed
                    naive = std::move(before);
                    continue;
                }
                BOOST_TEST(text(result.counters) == text(expected));
                std::string users, memberships;
                for (const auto& [id, row] : naive.users)
                    users += row.live ? id + "!" + row.text + " " : "";
                for (const auto& [key, row] : naive.memberships)
                    memberships += row.first ? key + (row.second ? " " : "* ") : "";
                BOOST_TEST(f.live("users", "id || '!' || email") + (users.empty() ? "" : " ") == users);
                BOOST_TEST(
                    f.value(
                        "SELECT coalesce(string_agg(group_id || '/' || user_id || CASE WHEN direct THEN ' ' "
                        "ELSE '* ' END, '' ORDER BY (group_id || '/' || user_id) COLLATE \"C\"), '') FROM "
                        "scaiflow.memberships WHERE deleted_at IS NULL") == memberships);
                const auto snapshot = f.snapshot();
                const auto again = f.force();
                BOOST_TEST(f.snapshot() == snapshot);
                BOOST_TEST(again.counters.users_seen == expected.users_seen);
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
