// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/admin/store.hpp"
#include "tests/support/postgres.hpp"

#include <boost/test/unit_test.hpp>

using namespace scaiflow::admin;
using scai::db::Scope;

namespace {

struct Mirror {
    test::Database db = test::migrated_database("scaiflow");
    scai::db::Pool pool{db.settings("scaiflow_admin")};

    Mirror() {
        db.sql("INSERT INTO scaiflow.tenants (id, last_synced_at) VALUES ('t1', '2026-05-04T00:00:00Z'), "
               "('t2', NULL)");
    }
    void user(const std::string& tenant, const std::string& id, const std::string& more = "",
              const std::string& values = "") {
        db.sql("INSERT INTO scaiflow.users (tenant_id, id, email, display_name, seen_by, updated_at" + more +
               ") VALUES ('" + tenant + "', '" + id + "', '" + id + "@X.test', 'Name " + id +
               "', 'webhook', '2026-05-01T00:00:00Z'" + values + ")");
    }
    /// "t1/u1 t1/u2" of all pages, following the cursor.
    std::string all(const UserFilter& filter, std::int64_t limit, const Scope& scope = Scope::all_tenants()) {
        std::string out;
        UserKey after;
        for (int pages = 0; pages < 100; ++pages) {
            auto reader = pool.read(scope);
            const auto page = store::users(reader, filter, after, limit);
            BOOST_TEST(page.users.size() <= static_cast<std::size_t>(limit));
            for (const auto& user : page.users)
                out += (out.empty() ? "" : " ") + user.tenant_id + "/" + user.id;
            if (!page.next)
                return out;
            after = *page.next;
        }
        return "endless";
    }
};

UserFilter with_search(const std::string& text) {
    UserFilter filter;
    filter.search = text;
    return filter;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_admin_store)

BOOST_AUTO_TEST_CASE(pages_of_any_size_show_everybody_once_in_order) {
    Mirror mirror;
    for (const auto* id : {"u1", "u3", "u2"})
        mirror.user("t1", id);
    mirror.user("t2", "u1");
    for (const std::int64_t limit : {1, 2, 3, 4, 5, 500})
        BOOST_TEST(mirror.all({}, limit) == "t1/u1 t1/u2 t1/u3 t2/u1");
}

BOOST_AUTO_TEST_CASE(last_full_page_has_no_next) {
    Mirror mirror;
    mirror.user("t1", "u1");
    mirror.user("t1", "u2");
    auto reader = mirror.pool.read(Scope::all_tenants());
    BOOST_TEST(!store::users(reader, {}, {}, 2).next.has_value());
    BOOST_TEST(store::users(reader, {}, {}, 1).next.has_value());
    BOOST_TEST(!store::users(reader, with_search("u"), {}, 2).next.has_value());
}

BOOST_AUTO_TEST_CASE(empty_mirror_is_an_empty_page) {
    Mirror mirror;
    BOOST_TEST(mirror.all({}, 10) == "");
}

BOOST_AUTO_TEST_CASE(row_is_shown_with_all_its_fields) {
    Mirror mirror;
    mirror.user("t1", "u1", ", admin_role, admin_role_source, deleted_at",
                ", 'super_admin', 'group', '2026-05-02T10:00:00Z'");
    mirror.user("t2", "u2");
    auto reader = mirror.pool.read(Scope::all_tenants());
    const auto page = store::users(reader, {}, {}, 10);
    const auto& first = page.users.at(0);
    BOOST_TEST(first.email == "u1@X.test");
    BOOST_TEST(first.display_name == "Name u1");
    BOOST_TEST(first.status == "ACTIVE");
    BOOST_TEST(first.admin_role.value() == "super_admin");
    BOOST_TEST(first.admin_role_source.value() == "group");
    BOOST_TEST(scai::to_iso8601(first.deleted_at.value()) == "2026-05-02T10:00:00Z");
    BOOST_TEST(scai::to_iso8601(first.last_synced_at) == "2026-05-04T00:00:00Z"); // the tenant's sweep
    const auto& second = page.users.at(1);
    BOOST_TEST(!second.admin_role.has_value());
    BOOST_TEST(!second.deleted_at.has_value());
    BOOST_TEST(scai::to_iso8601(second.last_synced_at) == "2026-05-01T00:00:00Z"); // never swept
}

BOOST_AUTO_TEST_CASE(filters_combine) {
    Mirror mirror;
    mirror.user("t1", "ann");
    mirror.user("t1", "bob", ", status", ", 'SUSPENDED'");
    mirror.user("t1", "cid", ", deleted_at", ", now()");
    mirror.user("t1", "dan", ", admin_role, admin_role_source", ", 'tenant_admin', 'manual'");
    mirror.user("t2", "ann", ", admin_role, admin_role_source", ", 'super_admin', 'manual'");
    UserFilter filter;
    filter.tenant_id = "t2";
    BOOST_TEST(mirror.all(filter, 1) == "t2/ann");
    filter.tenant_id = "t1";
    BOOST_TEST(mirror.all(filter, 2) == "t1/ann t1/bob t1/cid t1/dan");
    filter.tenant_id = "t";
    BOOST_TEST(mirror.all(filter, 2) == "");
    filter = {};
    filter.status = "suspended";
    BOOST_TEST(mirror.all(filter, 2) == "t1/bob");
    filter = {};
    filter.deleted = Deleted::only;
    BOOST_TEST(mirror.all(filter, 1) == "t1/cid");
    filter.deleted = Deleted::exclude;
    BOOST_TEST(mirror.all(filter, 1) == "t1/ann t1/bob t1/dan t2/ann");
    filter = {};
    filter.role = "super_admin";
    BOOST_TEST(mirror.all(filter, 1) == "t2/ann");
    filter.role = "tenant_admin";
    BOOST_TEST(mirror.all(filter, 1) == "t1/dan");
    filter.role = "none";
    BOOST_TEST(mirror.all(filter, 1) == "t1/ann t1/bob t1/cid");
    filter = with_search("ANN");
    BOOST_TEST(mirror.all(filter, 1) == "t1/ann t2/ann");
    filter.role = "super_admin";
    BOOST_TEST(mirror.all(filter, 1) == "t2/ann");
}

BOOST_AUTO_TEST_CASE(search_looks_into_address_and_name_and_takes_every_character_literally) {
    Mirror mirror;
    mirror.user("t1", "ann");
    mirror.user("t1", "x_y");
    mirror.user("t1", "x%y");
    BOOST_TEST(mirror.all(with_search("nn@x"), 5) == "t1/ann");
    BOOST_TEST(mirror.all(with_search("name A"), 5) == "t1/ann");
    BOOST_TEST(mirror.all(with_search("x_y"), 5) == "t1/x_y");
    BOOST_TEST(mirror.all(with_search("%"), 5) == "t1/x%y");
    BOOST_TEST(mirror.all(with_search("' OR true --"), 5) == "");
}

BOOST_AUTO_TEST_CASE(cost_of_a_filtered_page_is_bounded_and_the_cursor_goes_on_where_looking_stopped) {
    Mirror mirror;
    mirror.db.sql(
        "INSERT INTO scaiflow.users (tenant_id, id, email, seen_by) SELECT 't1', to_char(i, 'FM000000'), "
        "CASE WHEN i = 45000 THEN 'needle' ELSE 'hay' END, 'webhook' FROM generate_series(1, 45100) i");
    auto reader = mirror.pool.read(Scope::all_tenants());
    const auto first = store::users(reader, with_search("needle"), {}, 10);
    BOOST_TEST(first.users.empty());
    BOOST_TEST(first.next.value().id == "020000");
    BOOST_TEST(mirror.all(with_search("needle"), 10) == "t1/045000");
}

BOOST_AUTO_TEST_CASE(scope_of_a_tenant_shows_nobody_else_even_without_a_filter) {
    Mirror mirror;
    mirror.user("t1", "u1");
    mirror.user("t2", "u2");
    BOOST_TEST(mirror.all({}, 10, Scope::tenant("t2")) == "t2/u2");
    BOOST_TEST(mirror.all({}, 10, Scope::none()) == "");
}

BOOST_AUTO_TEST_CASE(holders_of_an_id_live_ones_first) {
    Mirror mirror;
    mirror.user("t1", "u1", ", deleted_at", ", now()");
    mirror.user("t2", "u1", ", admin_role, admin_role_source", ", 'super_admin', 'manual'");
    auto reader = mirror.pool.read(Scope::all_tenants());
    const auto holders = store::holders(reader, "u1", std::nullopt);
    BOOST_TEST(holders.size() == 2U);
    BOOST_TEST(holders.at(0).tenant_id == "t2");
    BOOST_TEST(holders.at(0).admin_role == "super_admin");
    BOOST_TEST(holders.at(1).deleted);
    BOOST_TEST(store::holders(reader, "u1", "t1").size() == 1U);
    BOOST_TEST(store::holders(reader, "u9", std::nullopt).empty());
}

BOOST_AUTO_TEST_CASE(runs_are_paged_newest_first) {
    Mirror mirror;
    mirror.db.sql(
        "INSERT INTO scaiflow.sync_runs (id, trigger, dry_run, actor, outcome, result) SELECT 'run_' || i, "
        "'cron', false, 'cron', 'done', '{\"users_seen\": 1, \"tenants\": [1]}' FROM generate_series(1, 5) "
        "i");
    mirror.db.sql(
        "INSERT INTO scaiflow.sync_runs (id, trigger, dry_run, actor) VALUES ('run_6', 'api', true, 'u1')");
    auto reader = mirror.pool.read(Scope::all_tenants());
    const auto first = store::runs(reader, 0, 4);
    BOOST_TEST(first.runs.size() == 4U);
    BOOST_TEST(first.runs.at(0).id == "run_6");
    BOOST_TEST(first.runs.at(0).result == "null");
    BOOST_TEST(!first.runs.at(0).finished_at.has_value());
    BOOST_TEST(first.runs.at(1).result == "{\"users_seen\": 1}");
    const auto rest = store::runs(reader, first.next.value(), 4);
    BOOST_TEST(rest.runs.size() == 2U);
    BOOST_TEST(rest.runs.at(1).id == "run_1");
    BOOST_TEST(!rest.next.has_value());
    BOOST_TEST(store::run(reader, "run_1").value().result.find("tenants") != std::string::npos);
    BOOST_TEST(!store::run(reader, "run_7").has_value());
}

BOOST_AUTO_TEST_CASE(changes_of_a_run_are_paged_and_filtered) {
    Mirror mirror;
    mirror.db.sql(
        "INSERT INTO scaiflow.sync_changes (run, tenant_id, object_type, object_id, change, after) SELECT 1, "
        "CASE WHEN i % 2 = 0 THEN 't1' ELSE 't2' END, 'user', 'u' || i, 'added', '{\"n\": 1}' FROM "
        "generate_series(1, 5) i");
    mirror.db.sql(
        "INSERT INTO scaiflow.sync_changes (run, tenant_id, object_type, object_id, change) VALUES (1, 't1', "
        "'group', 'g1', 'soft_deleted'), (2, 't1', 'user', 'u1', 'added')");
    auto reader = mirror.pool.read(Scope::all_tenants());
    const auto first = store::changes(reader, 1, {}, 0, 4);
    BOOST_TEST(first.changes.size() == 4U);
    BOOST_TEST(first.changes.at(0).after == "{\"n\": 1}");
    BOOST_TEST(first.changes.at(0).before == "null");
    const auto rest = store::changes(reader, 1, {}, first.next.value(), 4);
    BOOST_TEST(rest.changes.size() == 2U);
    BOOST_TEST(!rest.next.has_value());
    ChangeFilter filter;
    filter.tenant_id = "t1";
    BOOST_TEST(store::changes(reader, 1, filter, 0, 10).changes.size() == 3U);
    filter.object_type = "group";
    BOOST_TEST(store::changes(reader, 1, filter, 0, 10).changes.size() == 1U);
    filter.change = "added";
    BOOST_TEST(store::changes(reader, 1, filter, 0, 10).changes.empty());
}

BOOST_AUTO_TEST_SUITE_END()
