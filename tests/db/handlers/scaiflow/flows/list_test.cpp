// GET /v1/flows and GET /v1/admin/tenant/flows: who sees what, in which order, on which page.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"
#include "lib/scaiflow/flows/listing.hpp"
#include "tests/db/handlers/scaiflow/flows/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <set>

namespace {

using test::FlowAnswer;
using test::FlowsFixture;

std::string names(const FlowAnswer& answer) {
    std::string out;
    answer.json.get("items").each_item(
        [&](const scai::json::Value& item) { out += (out.empty() ? "" : " ") + item.member("name"); });
    return out;
}

std::int64_t total(const FlowAnswer& answer) {
    return answer.json.get("total").integer().value_or(-1);
}

/// Follows next_cursor to the end; ids in order, each page checked against `limit`.
std::vector<std::string> walk(FlowsFixture& api, const std::string& who, const std::string& query,
                              int limit) {
    std::vector<std::string> out;
    std::string cursor;
    do {
        const auto page = api.as(who, "GET",
                                 "/v1/flows?limit=" + std::to_string(limit) + query +
                                     (cursor.empty() ? "" : "&cursor=" + cursor));
        BOOST_REQUIRE(page.status == 200);
        BOOST_TEST(page.json.get("items").size() <= static_cast<std::size_t>(limit));
        page.json.get("items").each_item(
            [&](const scai::json::Value& item) { out.push_back(item.member("id")); });
        cursor = page.json.member("next_cursor");
    } while (!cursor.empty());
    return out;
}

/// `count` flows of both tenants with owners, access rows and memberships at random, many with the same time.
void scatter(const FlowsFixture& api, int count) {
    const auto n = std::to_string(count);
    api.db.sql(
        "INSERT INTO scaiflow.flows (tenant_id, id, name, owner_id, version, created_by, updated_by, "
        "updated_at, deleted_at) SELECT CASE WHEN i % 5 = 0 THEN 't2' ELSE 't1' END, 'flow_' || "
        "md5(i::text), 'Flow ' || i, (ARRAY['ann', 'ben', 'cat', 'dan'])[1 + i % 4], '1.0.0', 'x', 'x', "
        "timestamptz '2026-01-01' + (i * 37 % 50) * interval '1 second', CASE WHEN i % 11 = 0 THEN "
        "timestamptz '2026-02-01' + (i % 3) * interval '1 s' END FROM generate_series(1, " +
        n + ") i");
    for (const auto* row :
         {"'user', 'ann', 3", "'user', 'dan', 4", "'group', 'g_view', 2", "'group', 'g_edit', 5"})
        api.db.sql(
            "INSERT INTO scaiflow.flow_acls (tenant_id, id, flow_id, principal_type, principal_id, "
            "level, granted_by, listed_at) SELECT f.tenant_id, md5(f.id || r.t || r.p), f.id, r.t, r.p, 1 + "
            "abs(hashtext(f.id || r.p)) % 4, 'x', CASE WHEN f.deleted_at IS NULL THEN f.updated_at END FROM "
            "scaiflow.flows f, (VALUES (" +
            std::string(row) + ")) AS r(t, p, k) WHERE abs(hashtext(r.p || f.id)) % r.k = 0");
}

/// The same question asked without any walk.
std::vector<std::string> expected(const FlowsFixture& api, const std::string& who, bool deleted) {
    const std::string order = deleted ? "deleted_at" : "updated_at";
    const std::string level = deleted ? "4" : "1";
    std::vector<std::string> out;
    for (const auto& row : api.db.rows(
             "SELECT f.id FROM scaiflow.flows f JOIN scaiflow.users u ON u.id = '" + who + "' WHERE f." +
             (deleted ? "deleted_at IS NOT NULL" : "deleted_at IS NULL") +
             " AND (u.admin_role IS NOT DISTINCT FROM 'super_admin' OR f.tenant_id = u.tenant_id AND "
             "(u.admin_role = "
             "'tenant_admin' OR f.owner_id = u.id OR EXISTS (SELECT FROM scaiflow.flow_acls a WHERE "
             "a.tenant_id = "
             "f.tenant_id AND a.flow_id = f.id AND a.level >= " +
             level +
             " AND (a.principal_type = 'user' AND a.principal_id = u.id OR a.principal_type = 'group' AND "
             "a.principal_id IN (SELECT m.group_id FROM scaiflow.memberships m WHERE m.tenant_id = "
             "u.tenant_id AND "
             "m.user_id = u.id AND m.deleted_at IS NULL))))) ORDER BY f." +
             order + " DESC, f.id COLLATE \"C\" DESC"))
        out.push_back(row.at(0));
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_flows_list)

BOOST_AUTO_TEST_CASE(list_shows_what_the_caller_may_see_newest_first) {
    FlowsFixture api;
    const auto a = api.make_flow("ann", "A");
    const auto b = api.make_flow("ann", "B");
    const auto c = api.make_flow("ben", "C");
    api.make_flow("far", "F");
    BOOST_TEST(names(api.as("ann", "GET", "/v1/flows")) == "B A");
    BOOST_TEST(names(api.as("ben", "GET", "/v1/flows")) == "C");
    BOOST_TEST(names(api.as("dan", "GET", "/v1/flows")) == "");
    BOOST_TEST(names(api.as("boss", "GET", "/v1/flows")) == "C B A");
    BOOST_TEST(names(api.as("root", "GET", "/v1/flows")) == "F C B A");
    api.grant(a, "group", "g_view", 1); // ben
    BOOST_TEST(names(api.as("ben", "GET", "/v1/flows")) == "C A");
    api.as("ann", "PUT", "/v1/flows/" + a, R"({"name":"A2"})");
    const auto list = api.as("ben", "GET", "/v1/flows");
    BOOST_TEST(names(list) == "A2 C");
    BOOST_TEST(total(list) == 2);
    BOOST_TEST(list.json.get("total_capped").boolean().value() == false);
    BOOST_TEST(list.json.get("next_cursor").is_null());
    const auto item = list.json.get("items").at(0);
    for (const auto* key :
         {"id", "name", "description", "owner_id", "tenant_id", "version", "created_at", "updated_at"})
        BOOST_TEST(item.get(key).present(), key);
    BOOST_TEST(item.size() == 8U);
    api.as("ann", "DELETE", "/v1/flows/" + a);
    BOOST_TEST(names(api.as("ben", "GET", "/v1/flows")) == "C");
    api.as("ann", "POST", "/v1/flows/" + a + "/restore");
    BOOST_TEST(names(api.as("ben", "GET", "/v1/flows")) == "A2 C");
    api.db.sql("UPDATE scaiflow.memberships SET deleted_at = now()");
    BOOST_TEST(names(api.as("ben", "GET", "/v1/flows")) == "C");
}

BOOST_AUTO_TEST_CASE(flow_reached_in_several_ways_is_listed_once) {
    FlowsFixture api;
    const auto flow = api.make_flow("ben", "A");
    api.grant(flow, "user", "ben", 1);
    api.grant(flow, "group", "g_view", 1);
    api.grant(flow, "group", "g_edit", 2);
    const auto list = api.as("ben", "GET", "/v1/flows?limit=1");
    BOOST_TEST(names(list) == "A");
    BOOST_TEST(total(list) == 1);
    BOOST_TEST(list.json.get("next_cursor").is_null());
}

BOOST_AUTO_TEST_CASE(pages_of_any_size_are_the_whole_list_in_order) {
    FlowsFixture api;
    scatter(api, 400);
    for (const auto* who : {"ann", "ben", "cat", "dan", "boss", "root", "far"})
        for (const bool deleted : {false, true})
            for (const int limit : {1, 7, 50, 500}) {
                const auto all = expected(api, who, deleted);
                BOOST_TEST(walk(api, who, deleted ? "&deleted=only" : "", limit) == all,
                           who << " " << deleted << " " << limit);
                BOOST_TEST(
                    total(api.as(who, "GET",
                                 std::string("/v1/flows?limit=1") + (deleted ? "&deleted=only" : ""))) ==
                    static_cast<std::int64_t>(all.size()));
            }
}

BOOST_AUTO_TEST_CASE(search_is_part_of_the_name_in_any_case) {
    FlowsFixture api;
    scatter(api, 300);
    api.db.sql("UPDATE scaiflow.flows SET name = 'Ünïversal 100% _done' WHERE id = 'flow_' || md5('1')");
    for (const auto* who : {"ben", "boss", "root"}) {
        std::set<std::string> found;
        for (const auto& id : walk(api, who, "&search=FLOW%2029", 3))
            found.insert(id);
        std::set<std::string> wanted;
        for (const auto& id : expected(api, who, false))
            if (api.db.value("SELECT name LIKE 'Flow 29%' FROM scaiflow.flows WHERE id = '" + id + "'") ==
                "t")
                wanted.insert(id);
        BOOST_TEST(found == wanted, who);
        BOOST_TEST(total(api.as(who, "GET", "/v1/flows?limit=1&search=flow%2029")) ==
                   static_cast<std::int64_t>(wanted.size()));
    }
    for (const auto* search : {"100%25", "_DONE", "versal", "%C3%9Cn"}) // no wildcards
        BOOST_TEST(total(api.as("root", "GET", std::string("/v1/flows?search=") + search)) == 1, search);
    BOOST_TEST(total(api.as("root", "GET", "/v1/flows?search=10%25%25")) == 0);
    BOOST_TEST(total(api.as("root", "GET", "/v1/flows?search=")) == 273); // empty is none
}

BOOST_AUTO_TEST_CASE(owner_me_is_what_the_caller_owns) {
    FlowsFixture api;
    const auto a = api.make_flow("ann", "A");
    api.make_flow("boss", "B");
    api.grant(a, "user", "ben", 4);
    api.make_flow("ben", "C");
    BOOST_TEST(names(api.as("ben", "GET", "/v1/flows?owner=me")) == "C");
    BOOST_TEST(names(api.as("boss", "GET", "/v1/flows?owner=me")) == "B");
    BOOST_TEST(names(api.as("root", "GET", "/v1/flows?owner=me")) == "");
}

BOOST_AUTO_TEST_CASE(deleted_flows_are_listed_to_those_who_can_restore_them) {
    FlowsFixture api;
    const auto flow = api.make_flow("ann", "A");
    api.grant(flow, "user", "ben", 4);
    api.grant(flow, "user", "dan", 3);
    api.as("ann", "DELETE", "/v1/flows/" + flow);
    for (const auto* who : {"ann", "ben", "boss", "root"}) {
        const auto list = api.as(who, "GET", "/v1/flows?deleted=only");
        BOOST_TEST(names(list) == "A", who);
        BOOST_TEST(list.json.get("items").at(0).get("deleted_at").is_string());
    }
    BOOST_TEST(names(api.as("dan", "GET", "/v1/flows?deleted=only")) == "");
    BOOST_TEST(names(api.as("boss2", "GET", "/v1/flows?deleted=only")) == "");
    BOOST_TEST(names(api.as("ann", "GET", "/v1/flows?deleted=only&owner=me")) == "A");
    BOOST_TEST(names(api.as("ben", "GET", "/v1/flows?deleted=only&owner=me")) == "");
}

BOOST_AUTO_TEST_CASE(more_than_a_thousand_are_counted_up_to_a_thousand) {
    FlowsFixture api;
    scatter(api, 1'600);
    const auto list = api.as("boss", "GET", "/v1/flows?limit=2");
    BOOST_TEST(total(list) == scaiflow::flows::largest_total);
    BOOST_TEST(list.json.get("total_capped").boolean().value());
    const auto far = api.as("boss2", "GET", "/v1/flows?limit=2");
    BOOST_TEST(total(far) == 291);
    BOOST_TEST(!far.json.get("total_capped").boolean().value());
}

BOOST_AUTO_TEST_CASE(a_total_is_exact_up_to_a_thousand_whichever_way_the_flows_come) {
    FlowsFixture api;
    const auto add = [&](int from, int to) {
        api.db.sql("WITH f AS (INSERT INTO scaiflow.flows (tenant_id, id, name, owner_id, version, "
                   "created_by, updated_by) SELECT 't1', 'flow_' || i, 'F', 'ben', '1.0.0', 'x', 'x' FROM "
                   "generate_series(" +
                   std::to_string(from) + ", " + std::to_string(to) +
                   ") i RETURNING *) INSERT INTO scaiflow.flow_acls (tenant_id, id, flow_id, "
                   "principal_type, principal_id, level, granted_by, listed_at) SELECT 't1', md5(f.id || p), "
                   "f.id, t, p, 1, 'x', f.updated_at FROM f, (VALUES ('user', 'ann'), ('group', 'g_view')) "
                   "AS r(t, p)");
    };
    const auto check = [&](const char* who, std::int64_t expected, bool capped) {
        const auto list = api.as(who, "GET", "/v1/flows?limit=2");
        BOOST_TEST(total(list) == expected, who);
        BOOST_TEST(list.json.get("total_capped").boolean().value() == capped, who);
    };
    api.db.sql("INSERT INTO scaiflow.memberships (tenant_id, user_id, group_id) VALUES ('t1', 'ann', "
               "'g_view') ON CONFLICT DO NOTHING");
    add(1, 999);
    for (const auto* who : {"ann", "ben", "boss"})
        check(who, 999, false);
    add(1000, 1000);
    for (const auto* who : {"ann", "ben", "boss"})
        check(who, 1000, false);
    add(1001, 1001);
    for (const auto* who : {"ann", "ben", "boss"})
        check(who, 1000, true);
}

BOOST_AUTO_TEST_CASE(bad_query_is_422) {
    FlowsFixture api;
    const auto page = api.as("ann", "GET", "/v1/flows?limit=1");
    for (const auto* query :
         {"limit=0", "limit=501", "limit=x", "limit=", "offset=0", "deleted=yes", "owner=ben",
          "cursor=", "cursor=x", "cursor=WyJmbG93cyIsImEiLCJiIl0", "cursor=WyJmbG93cyIsIi01IiwiYiJd"})
        BOOST_TEST(api.as("ann", "GET", std::string("/v1/flows?") + query).status == 422, query);
    BOOST_TEST(api.as("ann", "GET", "/v1/flows?search=" + std::string(201, 'x')).status == 422);
    scatter(api, 20);
    const auto cursor = api.as("boss", "GET", "/v1/flows?limit=1").json.member("next_cursor");
    BOOST_TEST(!cursor.empty());
    BOOST_TEST(api.as("boss", "GET", "/v1/flows?deleted=only&cursor=" + cursor).status == 422);
    // Somebody else's cursor says where to begin and nothing else.
    BOOST_TEST(names(api.as("boss2", "GET", "/v1/flows?cursor=" + cursor)).find("Flow 1 ") ==
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(tenant_admin_lists_the_flows_of_his_tenant) {
    test::FlowApi api("admin", scaiflow::admin_api::routes());
    api.db.sql("INSERT INTO scaiflow.tenants (id) VALUES ('t1'), ('t2')");
    api.db.sql(
        "INSERT INTO scaiflow.flows (tenant_id, id, name, owner_id, version, created_by, updated_by) VALUES "
        "('t1', 'flow_1', 'One', 'ann', '1.0.0', 'x', 'x'), ('t2', 'flow_2', 'Two', 'far', '1.0.0', 'x', "
        "'x')");
    api.who = test::tenant_admin();
    BOOST_TEST(names(api.call("GET", "/v1/admin/tenant/flows")) == "One");
    BOOST_TEST(names(api.call("GET", "/v1/admin/tenant/flows?tenant_id=t1&search=ONE")) == "One");
    BOOST_TEST(api.call("GET", "/v1/admin/tenant/flows?tenant_id=t2").status == 403);
    BOOST_TEST(api.call("GET", "/v1/admin/tenant/flows?offset=1").status == 422);
    api.who = test::super_admin();
    BOOST_TEST(names(api.call("GET", "/v1/admin/tenant/flows")) == "One"); // his own tenant
    BOOST_TEST(names(api.call("GET", "/v1/admin/tenant/flows?tenant_id=t2")) == "Two");
    BOOST_TEST(names(api.call("GET", "/v1/admin/tenant/flows?tenant_id=t2&deleted=only")) == "");
    BOOST_TEST(names(api.call("GET", "/v1/admin/tenant/flows?tenant_id=none")) == "");
    api.who = test::plain_user();
    BOOST_TEST(api.call("GET", "/v1/admin/tenant/flows").status == 403);
}

BOOST_AUTO_TEST_SUITE_END()
