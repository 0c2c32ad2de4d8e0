// Roles: who becomes super_admin, who stops being it, and who never does. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/roles/roles.hpp"
#include "tests/support/postgres.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <thread>

using namespace scai;
using namespace scaiflow;

namespace {

const roles::Cause sync_cause{"sync:run_1", json::Value::object({{"run_id", "run_1"}})};
const roles::Cause cli_cause{"cli:root", json::Value::object({{"command", "grant"}})};

/// Two tenants: home with admins, foreign with a group of the same name.
struct Fixture {
    Fixture() : db(test::migrated_database("scaiflow")), pool(db.settings("scaiflow_jobs")) {
        db.sql(R"(
INSERT INTO scaiflow.tenants (id, slug) VALUES ('home', 'house'), ('foreign', 'abroad');
INSERT INTO scaiflow.groups (tenant_id, id, name) VALUES
  ('home', 'g_admins', 'admins'), ('home', 'g_twin1', 'twins'), ('home', 'g_twin2', 'twins'), ('home', 'g_other', 'other'),
  ('foreign', 'f_admins', 'admins');
INSERT INTO scaiflow.users (tenant_id, id, email, seen_by) VALUES
  ('home', 'ann', 'ann@x.example', 'effective_users'), ('home', 'bob', 'Bob@x.example', 'effective_users'),
  ('home', 'cid', 'cid@x.example', 'effective_users'),
  ('foreign', 'eve', 'eve@y.example', 'effective_users'), ('foreign', 'ann2', 'ann@x.example', 'effective_users');
)");
    }
    void member(const std::string& group, const std::string& user) {
        db.sql("INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id) SELECT tenant_id, '" + group +
               "', id "
               "FROM scaiflow.users WHERE id = '" +
               user +
               "' ON CONFLICT (tenant_id, group_id, user_id) "
               "DO UPDATE SET deleted_at = NULL");
    }
    void leave(const std::string& group, const std::string& user) {
        db.sql("UPDATE scaiflow.memberships SET deleted_at = now() WHERE group_id = '" + group +
               "' AND user_id = '" + user + "'");
    }
    void give(const std::string& user, const std::string& role, const std::string& source) {
        const auto status = db::in_tx(pool, db::Scope::all_tenants(), [&](db::Tx& tx) {
            return roles::grant(tx, target(user), role, cli_cause, source);
        });
        BOOST_REQUIRE(bool(status));
    }
    roles::Target target(const std::string& user) {
        return {db.value("SELECT tenant_id FROM scaiflow.users WHERE id = '" + user + "'"), user};
    }
    roles::Reconciled reconcile(const std::vector<std::string>& entries, const std::string& home = "home",
                                bool dry = false) {
        return db::in_tx(pool, db::Scope::all_tenants(), [&](db::Tx& tx) {
            return roles::reconcile(tx, {entries, home}, sync_cause, dry);
        });
    }
    Result<roles::Effective> revoke(const std::string& user, std::optional<std::string> role = {},
                                    bool force = false) {
        return db::in_tx(pool, db::Scope::all_tenants(),
                         [&](db::Tx& tx) { return roles::revoke(tx, target(user), role, cli_cause, force); });
    }
    /// "super_admin/group", "-" without a role
    std::string role(const std::string& user) {
        return db.value(
            "SELECT coalesce(admin_role || '/' || admin_role_source, '-') FROM scaiflow.users WHERE id = '" +
            user + "'");
    }
    std::string audit(const std::string& user) {
        return db.value(
            "SELECT string_agg(action, ' ' ORDER BY id) FROM scaiflow.audit_log WHERE object_id = '" + user +
            "'");
    }
    std::string grants(const std::string& user) {
        return db.value("SELECT string_agg(role || '/' || source || CASE WHEN group_id <> '' THEN ':' || "
                        "group_id ELSE '' END, ' ' "
                        "ORDER BY role, source, group_id) FROM scaiflow.role_grants WHERE user_id = '" +
                        user + "'");
    }
    test::Database db;
    db::Pool pool;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(lib_scaiflow_roles, Fixture)

BOOST_AUTO_TEST_CASE(only_users_whom_a_reconciliation_could_change_concern_it) {
    const auto concerns = [&](const std::string& user) {
        auto reader = pool.read(db::Scope::all_tenants());
        return roles::concerns(reader, {{"admins", "g_other"}, "home"}, target(user));
    };
    BOOST_TEST(!concerns("bob"));
    member("g_twin1", "bob");
    BOOST_TEST(!concerns("bob"));
    member("g_admins", "ann"); // by name
    BOOST_TEST(concerns("ann"));
    member("g_other", "cid"); // by id
    BOOST_TEST(concerns("cid"));
    reconcile({"g_other"});
    leave("g_other", "cid"); // holds a grant that is too many now
    BOOST_TEST(concerns("cid"));
    const auto pending = db::in_tx(pool, db::Scope::all_tenants(), [&](db::Tx& tx) {
        return roles::grant_pending(tx, "bob@x.example", std::nullopt, "tenant_admin", "manual", cli_cause);
    });
    BOOST_TEST_REQUIRE(bool(pending));
    BOOST_TEST(concerns("bob"));
}

BOOST_AUTO_TEST_CASE(members_are_promoted_once_and_leavers_demoted_once) {
    give("cid", "super_admin", "manual");
    member("g_admins", "ann");
    member("g_admins", "bob");
    auto result = reconcile({"admins"});
    BOOST_TEST(result.promoted == 2);
    BOOST_TEST(result.demoted == 0);
    BOOST_TEST(result.super_admin_count == 3);
    BOOST_TEST(role("ann") == "super_admin/group");
    BOOST_TEST(audit("ann") == "role.promoted");
    BOOST_TEST(db.value("SELECT actor || cause::text FROM scaiflow.audit_log WHERE object_id = 'ann'") ==
               "sync:run_1{\"run_id\": \"run_1\"}");

    const auto before = db.value("SELECT sum(xmin::text::bigint) FROM scaiflow.users");
    result = reconcile({"admins"});
    BOOST_TEST(result.promoted + result.demoted == 0);
    BOOST_TEST(result.changes.empty());
    BOOST_TEST(db.value("SELECT sum(xmin::text::bigint) FROM scaiflow.users") ==
               before); // nothing was written

    leave("g_admins", "ann");
    result = reconcile({"admins"});
    BOOST_TEST(result.demoted == 1);
    BOOST_REQUIRE(result.changes.size() == 1U);
    BOOST_TEST(result.changes[0].user_id == "ann");
    BOOST_TEST(result.changes[0].change == "demoted");
    BOOST_TEST(role("ann") == "-");
    BOOST_TEST(audit("ann") == "role.promoted role.demoted");
    BOOST_TEST(role("bob") == "super_admin/group");
}

struct SourceCase {
    const char *role, *source; ///< held before the group comes
    const char *joined, *left; ///< effective while in the group, and after leaving it
    int promoted, demoted;
};
std::ostream& operator<<(std::ostream& out, const SourceCase& c) {
    return out << c.role << "/" << c.source;
}
const std::vector<SourceCase> source_cases{
    {"super_admin", "manual", "super_admin/manual", "super_admin/manual", 0, 0},
    {"super_admin", "bootstrap", "super_admin/bootstrap", "super_admin/bootstrap", 0, 0},
    {"tenant_admin", "manual", "super_admin/group", "tenant_admin/manual", 1, 1},
    {"tenant_admin", "bootstrap", "super_admin/group", "tenant_admin/bootstrap", 1, 1},
};
BOOST_DATA_TEST_CASE_F(Fixture, removing_one_source_never_removes_another,
                       boost::unit_test::data::make(source_cases), c) {
    give("cid", "super_admin", "manual");
    give("ann", c.role, c.source);
    member("g_admins", "ann");
    auto result = reconcile({"admins"});
    BOOST_TEST(role("ann") == c.joined);
    BOOST_TEST(result.promoted == c.promoted);
    leave("g_admins", "ann");
    result = reconcile({"admins"});
    BOOST_TEST(role("ann") == c.left);
    BOOST_TEST(result.demoted == c.demoted);
}

BOOST_AUTO_TEST_CASE(two_groups_are_two_grants_and_one_promotion) {
    give("cid", "super_admin", "manual");
    member("g_admins", "ann");
    member("g_other", "ann");
    auto result = reconcile({"admins", "g_other", "admins"});
    BOOST_TEST(result.promoted == 1);
    BOOST_TEST(grants("ann") == "super_admin/group:g_admins super_admin/group:g_other");
    leave("g_admins", "ann");
    result = reconcile({"admins", "g_other"});
    BOOST_TEST(result.demoted == 0);
    BOOST_TEST(role("ann") == "super_admin/group");
    BOOST_TEST(audit("ann") == "role.promoted role.granted role.revoked");
}

BOOST_AUTO_TEST_CASE(a_name_in_a_foreign_tenant_promotes_nobody) {
    member("f_admins", "eve");
    for (const char* home : {"home", "house", ""}) {
        const auto result = reconcile({"admins"}, home);
        BOOST_TEST(result.promoted == 0);
        BOOST_TEST(role("eve") == "-");
    }
    BOOST_TEST(reconcile({"admins"}, "").groups[0].problem == "home_tenant_required");
    BOOST_TEST(reconcile({"admins"}, "nowhere").groups[0].problem == "unknown");
    BOOST_TEST(reconcile({"admins"}, "house").groups[0].group_id == "g_admins");
    // a tenant that takes the home tenant's id as its slug gains nothing
    db.sql("UPDATE scaiflow.tenants SET slug = 'home' WHERE id = 'foreign'");
    BOOST_TEST(reconcile({"admins"}, "home").groups[0].tenant_id == "home");
    db.sql("UPDATE scaiflow.tenants SET slug = 'house' WHERE id = 'foreign'");
    BOOST_TEST(reconcile({"admins"}, "house").groups[0].problem == "unknown");
}

BOOST_AUTO_TEST_CASE(an_id_counts_in_any_tenant) {
    member("f_admins", "eve");
    for (const char* home : {"home", ""}) {
        const auto result = reconcile({"f_admins"}, home);
        BOOST_TEST(result.groups[0].problem == "");
        BOOST_TEST(role("eve") == "super_admin/group");
    }
    // and an id wins over a name of the home tenant
    db.sql("UPDATE scaiflow.groups SET name = 'f_admins' WHERE id = 'g_other'");
    BOOST_TEST(reconcile({"f_admins"}).groups[0].tenant_id == "foreign");
}

BOOST_AUTO_TEST_CASE(with_one_tenant_mirrored_names_need_no_home_tenant) {
    db.sql("UPDATE scaiflow.tenants SET deleted_at = now() WHERE id = 'foreign'");
    member("g_admins", "ann");
    BOOST_TEST(reconcile({"admins"}, "").promoted == 1);
}

BOOST_AUTO_TEST_CASE(an_ambiguous_name_promotes_nobody_and_is_reported) {
    member("g_twin1", "ann");
    const auto result = reconcile({"twins"});
    BOOST_TEST(result.groups[0].problem == "ambiguous");
    BOOST_TEST(result.groups[0].text.find("g_twin1") != std::string::npos);
    BOOST_TEST(result.groups[0].text.find("g_twin2") != std::string::npos);
    BOOST_TEST(role("ann") == "-");
}

BOOST_AUTO_TEST_CASE(an_entry_that_stops_resolving_demotes_nobody) {
    give("cid", "super_admin", "manual");
    member("g_admins", "ann");
    reconcile({"admins"});
    db.sql("UPDATE scaiflow.groups SET name = 'renamed' WHERE id = 'g_admins'");
    auto result = reconcile({"admins"});
    BOOST_TEST(result.groups[0].problem == "unknown");
    BOOST_TEST(result.demoted == 0);
    BOOST_TEST(role("ann") == "super_admin/group");
    // the entry goes: now it is a decision
    result = reconcile({});
    BOOST_TEST(result.demoted == 1);
    BOOST_TEST(role("ann") == "-");
}

BOOST_AUTO_TEST_CASE(a_group_no_longer_listed_gives_nothing_once_all_entries_resolve) {
    give("cid", "super_admin", "manual");
    member("g_admins", "ann");
    reconcile({"g_admins"});
    BOOST_TEST(reconcile({"g_other", "typo"}).demoted == 0);
    BOOST_TEST(reconcile({"g_other"}).demoted == 1);
}

BOOST_AUTO_TEST_CASE(a_deleted_group_demotes_and_is_reported) {
    give("cid", "super_admin", "manual");
    member("g_admins", "ann");
    reconcile({"admins"});
    db.sql("UPDATE scaiflow.groups SET deleted_at = now() WHERE id = 'g_admins'");
    const auto result = reconcile({"admins"});
    BOOST_TEST(result.groups[0].problem == "deleted");
    BOOST_TEST(result.demoted == 1);
    // a new group of the old name is a new group
    db.sql("INSERT INTO scaiflow.groups (tenant_id, id, name) VALUES ('home', 'g_new', 'admins')");
    BOOST_TEST(reconcile({"admins"}).groups[0].group_id == "g_new");
}

BOOST_AUTO_TEST_CASE(a_frozen_group_keeps_its_members_and_takes_none) {
    give("cid", "super_admin", "manual");
    member("g_admins", "ann");
    reconcile({"admins"});
    db.sql("UPDATE scaiflow.groups SET members_unknown_since = now() WHERE id = 'g_admins'");
    leave("g_admins", "ann");
    member("g_admins", "bob");
    auto result = reconcile({"admins"});
    BOOST_TEST(result.promoted + result.demoted == 0);
    BOOST_TEST(role("ann") == "super_admin/group");
    BOOST_TEST(role("bob") == "-");
    db.sql("UPDATE scaiflow.groups SET members_unknown_since = NULL WHERE id = 'g_admins'");
    result = reconcile({"admins"});
    BOOST_TEST(result.promoted == 1);
    BOOST_TEST(result.demoted == 1);
}

BOOST_AUTO_TEST_CASE(a_deleted_user_keeps_grants_and_counts_for_nothing) {
    member("g_admins", "ann");
    reconcile({"admins"});
    db.sql("UPDATE scaiflow.users SET deleted_at = now() WHERE id = 'ann'");
    leave("g_admins", "ann");
    auto result = reconcile({"admins"});
    BOOST_TEST(result.super_admin_count == 0);
    BOOST_TEST(result.demoted == 0);
    BOOST_TEST(role("ann") == "super_admin/group");
    // back, but no longer in the group
    give("cid", "super_admin", "manual");
    db.sql("UPDATE scaiflow.users SET deleted_at = NULL WHERE id = 'ann'");
    result = reconcile({"admins"});
    BOOST_TEST(result.demoted == 1);
}

BOOST_AUTO_TEST_CASE(a_disabled_user_is_no_active_super_admin) {
    give("ann", "super_admin", "manual");
    db.sql("UPDATE scaiflow.users SET status = 'Suspended' WHERE id = 'ann'");
    BOOST_TEST(reconcile({}).super_admin_count == 0);
    BOOST_TEST(role("ann") == "super_admin/manual");
    db.sql("UPDATE scaiflow.users SET status = 'active' WHERE id = 'ann'");
    BOOST_TEST(reconcile({}).super_admin_count == 1);
}

BOOST_AUTO_TEST_CASE(the_last_super_admin_is_kept_by_a_sync) {
    member("g_admins", "ann");
    member("g_admins", "bob");
    reconcile({"admins"});
    db.sql("UPDATE scaiflow.role_grants SET granted_at = now() - interval '1 day' WHERE user_id = 'bob'");
    leave("g_admins", "ann");
    leave("g_admins", "bob");
    auto result = reconcile({"admins"});
    BOOST_TEST(result.kept_last_super_admin);
    BOOST_TEST(result.demoted == 1);
    BOOST_TEST(result.super_admin_count == 1);
    BOOST_TEST(role("ann") == "-");
    BOOST_TEST(role("bob") == "super_admin/group"); // served longest
    BOOST_TEST(audit("bob") == "role.promoted role.kept_last_super_admin");

    result = reconcile({"admins"}); // still reported, written once
    BOOST_TEST(result.kept_last_super_admin);
    BOOST_TEST(result.demoted == 0);
    BOOST_TEST(audit("bob") == "role.promoted role.kept_last_super_admin");

    give("cid", "super_admin", "manual");
    result = reconcile({"admins"});
    BOOST_TEST(!result.kept_last_super_admin);
    BOOST_TEST(result.demoted == 1);
    BOOST_TEST(role("bob") == "-");
}

BOOST_AUTO_TEST_CASE(a_disabled_super_admin_does_not_save_the_last_active_one_from_being_last) {
    give("cid", "super_admin", "manual");
    db.sql("UPDATE scaiflow.users SET status = 'DISABLED' WHERE id = 'cid'");
    member("g_admins", "ann");
    reconcile({"admins"});
    leave("g_admins", "ann");
    const auto result = reconcile({"admins"});
    BOOST_TEST(result.kept_last_super_admin);
    BOOST_TEST(role("ann") == "super_admin/group");
    BOOST_TEST(!revoke("cid").value().role.size());
}

BOOST_AUTO_TEST_CASE(a_handover_inside_the_group_demotes_the_old_one) {
    member("g_admins", "ann");
    reconcile({"admins"});
    leave("g_admins", "ann");
    member("g_admins", "bob");
    const auto result = reconcile({"admins"});
    BOOST_TEST(!result.kept_last_super_admin);
    BOOST_TEST(result.promoted == 1);
    BOOST_TEST(result.demoted == 1);
    BOOST_TEST(role("bob") == "super_admin/group");
}

BOOST_AUTO_TEST_CASE(a_dry_run_tells_and_changes_nothing) {
    member("g_admins", "ann");
    const auto result = reconcile({"admins"}, "home", true);
    BOOST_TEST(result.promoted == 1);
    BOOST_TEST(result.super_admin_count == 1);
    BOOST_TEST(role("ann") == "-");
    BOOST_TEST(audit("ann") == "");
}

BOOST_AUTO_TEST_CASE(reconciliations_at_once_queue_up_and_agree) {
    give("cid", "super_admin", "manual");
    member("g_admins", "ann");
    member("g_admins", "bob");
    std::vector<std::int64_t> promoted(4);
    std::vector<std::thread> threads;
    for (auto& count : promoted)
        threads.emplace_back([&] { count = reconcile({"admins"}).promoted; });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(promoted[0] + promoted[1] + promoted[2] + promoted[3] == 2);
    BOOST_TEST(audit("ann") == "role.promoted");
}

BOOST_AUTO_TEST_CASE(two_last_super_admins_cannot_revoke_each_other_at_once) {
    give("ann", "super_admin", "manual");
    give("bob", "super_admin", "manual");
    std::thread other([&] { (void)revoke("ann"); });
    (void)revoke("bob");
    other.join();
    BOOST_TEST(db.value("SELECT count(*) FROM scaiflow.users WHERE admin_role = 'super_admin'") == "1");
}

// --- pending
// ---------------------------------------------------------------------------------------------------------

struct Pending : Fixture {
    Status pend(const std::string& email, std::optional<std::string> tenant = {},
                const std::string& role = "super_admin", const std::string& source = "bootstrap") {
        return db::in_tx(pool, db::Scope::all_tenants(), [&](db::Tx& tx) {
            return roles::grant_pending(tx, email, tenant, role, source, cli_cause);
        });
    }
    void appears(const std::string& tenant, const std::string& user, const std::string& email) {
        db.sql("INSERT INTO scaiflow.users (tenant_id, id, email, seen_by) VALUES ('" + tenant + "', '" +
               user + "', '" + email + "', 'effective_users')");
    }
};

BOOST_FIXTURE_TEST_CASE(a_pending_grant_is_applied_when_the_user_appears, Pending) {
    BOOST_REQUIRE(bool(pend("New@X.example")));
    BOOST_REQUIRE(bool(pend("new@x.example"))); // twice is once
    BOOST_TEST(db.value("SELECT count(*) FROM scaiflow.pending_grants") == "1");
    BOOST_TEST(reconcile({}).pending_applied.empty());
    appears("home", "new", "NEW@x.example");
    const auto result = reconcile({});
    BOOST_TEST(result.pending_applied == std::vector<std::string>{"new@x.example"},
               boost::test_tools::per_element());
    BOOST_TEST(result.super_admin_count == 1);
    BOOST_TEST(result.promoted == 0); // the counters are the groups' own
    BOOST_TEST(role("new") == "super_admin/bootstrap");
    BOOST_TEST(audit("new") == "role.granted");
    BOOST_TEST(db.value("SELECT granted_by FROM scaiflow.role_grants") == "cli:root");
    BOOST_TEST(reconcile({}).pending_applied.empty());
}

BOOST_FIXTURE_TEST_CASE(a_pending_grant_waits_for_the_home_tenant, Pending) {
    BOOST_REQUIRE(bool(pend("new@x.example")));
    appears("foreign", "imposter", "new@x.example");
    BOOST_TEST(reconcile({}, "home").pending_applied.empty());
    BOOST_TEST(role("imposter") == "-");
    appears("home", "new", "new@x.example");
    BOOST_TEST(reconcile({}, "house").pending_applied.size() == 1U);
    BOOST_TEST(role("new") == "super_admin/bootstrap");
    BOOST_TEST(role("imposter") == "-");
}

BOOST_FIXTURE_TEST_CASE(a_pinned_tenant_wins_over_the_home_tenant, Pending) {
    BOOST_REQUIRE(bool(pend("ann@x.example", "foreign", "tenant_admin", "manual")));
    reconcile({}, "home");
    BOOST_TEST(role("ann2") == "tenant_admin/manual");
    BOOST_TEST(role("ann") == "-");
}

BOOST_FIXTURE_TEST_CASE(an_ambiguous_pending_grant_stays_and_is_reported, Pending) {
    BOOST_REQUIRE(bool(pend("ann@x.example")));
    auto result = reconcile({}, "");
    BOOST_TEST(result.pending_applied.empty());
    BOOST_REQUIRE(result.pending_problems.size() == 1U);
    BOOST_TEST(result.pending_problems[0].tenants == (std::vector<std::string>{"foreign", "home"}),
               boost::test_tools::per_element());
    appears("home", "ann3", "ann@x.example"); // two in the home tenant
    BOOST_TEST(reconcile({}, "home").pending_problems.size() == 1U);
    BOOST_TEST(role("ann") == "-");
}

BOOST_FIXTURE_TEST_CASE(pending_grants_are_refused_or_cancelled, Pending) {
    for (const char* email : {"", "nobody", "@x", "a@", "a b@x.example"})
        BOOST_TEST(!bool(pend(email)));
    BOOST_TEST(!bool(pend("a@x.example", {}, "emperor")));
    BOOST_TEST(!bool(pend("a@x.example", {}, "super_admin", "group")));
    BOOST_REQUIRE(bool(pend("bob@x.example")));
    const auto cancelled = db::in_tx(pool, db::Scope::all_tenants(), [](db::Tx& tx) {
        return roles::cancel_pending(tx, "BOB@x.example", std::nullopt, cli_cause);
    });
    BOOST_TEST(cancelled == 1);
    BOOST_TEST(reconcile({}).pending_applied.empty());
    BOOST_TEST(role("bob") == "-");
}

// --- by hand
// ---------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(granting_twice_is_granting_once) {
    give("ann", "super_admin", "manual");
    give("ann", "super_admin", "manual");
    BOOST_TEST(audit("ann") == "role.granted");
    give("ann", "tenant_admin", "manual");
    BOOST_TEST(role("ann") == "super_admin/manual");
}

BOOST_AUTO_TEST_CASE(granting_is_refused_for_the_unknown_and_the_deleted) {
    db.sql("UPDATE scaiflow.users SET deleted_at = now() WHERE id = 'bob'");
    const auto kind = [&](const roles::Target& who, const std::string& role) {
        const auto status = db::in_tx(pool, db::Scope::all_tenants(),
                                      [&](db::Tx& tx) { return roles::grant(tx, who, role, cli_cause); });
        return status ? -1 : static_cast<int>(status.error().kind);
    };
    BOOST_TEST(kind({"home", "nobody"}, "super_admin") == static_cast<int>(ErrorKind::not_found));
    BOOST_TEST(kind({"foreign", "ann"}, "super_admin") == static_cast<int>(ErrorKind::not_found));
    BOOST_TEST(kind({"home", "bob"}, "super_admin") == static_cast<int>(ErrorKind::not_found));
    BOOST_TEST(kind({"home", "ann"}, "root") == static_cast<int>(ErrorKind::unprocessable));
}

BOOST_AUTO_TEST_CASE(revoking_leaves_group_grants_and_says_so) {
    give("ann", "super_admin", "manual");
    give("ann", "tenant_admin", "bootstrap");
    member("g_admins", "ann");
    reconcile({"admins"});
    auto left = revoke("ann", "super_admin");
    BOOST_REQUIRE(bool(left));
    BOOST_TEST(left->role == "super_admin");
    BOOST_TEST(left->source == "group");
    BOOST_TEST(grants("ann") == "super_admin/group:g_admins tenant_admin/bootstrap");
    left = revoke("ann");
    BOOST_TEST(grants("ann") == "super_admin/group:g_admins");
    BOOST_TEST(audit("ann") == "role.granted role.granted role.granted role.revoked role.revoked");
}

BOOST_AUTO_TEST_CASE(the_last_super_admin_is_revoked_only_by_force) {
    give("ann", "super_admin", "manual");
    give("ann", "tenant_admin", "manual");
    const auto refused = revoke("ann");
    BOOST_REQUIRE(!refused);
    BOOST_TEST(static_cast<int>(refused.error().kind) == static_cast<int>(ErrorKind::conflict));
    BOOST_TEST(refused.error().code == "last_super_admin");
    BOOST_TEST(role("ann") == "super_admin/manual");
    BOOST_TEST(bool(revoke("ann", "tenant_admin"))); // that one does not count
    BOOST_TEST(bool(revoke("ann", {}, true)));
    BOOST_TEST(role("ann") == "-");
    BOOST_TEST(bool(revoke("ann"))); // nothing left to revoke is no error
}

BOOST_AUTO_TEST_CASE(a_super_admin_of_a_disabled_tenant_is_not_the_one_who_is_left) {
    give("ann", "super_admin", "manual");
    give("eve", "super_admin", "manual");
    for (const char* end : {"status = 'SUSPENDED'", "status = 'ACTIVE', deleted_at = now()"}) {
        db.sql(std::string("UPDATE scaiflow.tenants SET ") + end + " WHERE id = 'foreign'");
        BOOST_TEST_CONTEXT(end) {
            const auto refused = revoke("ann");
            BOOST_REQUIRE(!refused);
            BOOST_TEST(refused.error().code == "last_super_admin");
            BOOST_TEST(reconcile({}).super_admin_count == 1);
        }
    }
    BOOST_TEST(bool(revoke("eve"))); // whom nobody misses
}

BOOST_AUTO_TEST_CASE(a_sync_keeps_the_last_one_who_can_sign_in) {
    give("eve", "super_admin", "manual");
    member("g_admins", "bob");
    reconcile({"admins"});
    db.sql("UPDATE scaiflow.tenants SET status = 'SUSPENDED' WHERE id = 'foreign'");
    leave("g_admins", "bob");
    BOOST_TEST(reconcile({"admins"}).kept_last_super_admin);
    BOOST_TEST(role("bob") == "super_admin/group");
}

BOOST_AUTO_TEST_CASE(why_names_sources_groups_paths_pending_and_history) {
    give("ann", "tenant_admin", "manual");
    db.sql("INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id, direct) VALUES ('home', "
           "'g_twin1', 'ann', true), "
           "('home', 'g_admins', 'ann', false), ('home', 'g_other', 'ann', false);"
           "INSERT INTO scaiflow.group_children VALUES ('home', 'g_admins', 'g_other'), ('home', 'g_other', "
           "'g_twin1'), "
           "('home', 'g_twin1', 'g_admins')"); // a cycle on top
    reconcile({"admins", "typo"});
    auto reader = pool.read(db::Scope::all_tenants());
    const auto out = roles::why(reader, {"home", "ann"}, {{"admins", "typo"}, "home"});
    BOOST_REQUIRE(out.has_value());
    BOOST_TEST(out->get("user").member("email") == "ann@x.example");
    BOOST_TEST(out->get("effective").member("source") == "group");
    BOOST_TEST(out->get("grants").size() == 2U);
    BOOST_TEST(out->get("grants").at(0).get("group").member("name") == "admins");
    BOOST_TEST(out->get("groups").at(0).get("path").dump() == "[\"g_admins\",\"g_other\",\"g_twin1\"]");
    BOOST_TEST(out->get("groups").at(2).get("path").dump() == "[\"g_twin1\"]");
    BOOST_TEST(out->get("super_admin_groups").at(1).member("problem") == "unknown");
    BOOST_TEST(out->get("history").at(0).member("action") == "role.promoted");
    BOOST_TEST(!roles::why(reader, {"home", "nobody"}, {}).has_value());
    auto own = pool.read(db::Scope::tenant("home"));
    const auto seen = roles::why(own, {"home", "ann"}, {{"admins", "typo", "f_admins"}, "home"});
    BOOST_REQUIRE(seen.has_value());
    BOOST_TEST(seen->get("super_admin_groups").size() == 1U);
    BOOST_TEST(!roles::why(own, {"foreign", "eve"}, {}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
