// Who may, and why. The level explained is held against open_flow, against what the gate and the accessor
// really do, and against a rule written down here, for every combination of what can give a level.
// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/explain.hpp"
#include "tests/db/handlers/scaiflow/flows/people.hpp"

#include <algorithm>
#include <map>

using scai::json::Value;
using test::field_of;
using test::People;

namespace {

constexpr auto access_path = "/v1/flows/f1/access";

std::string about(const std::string& user) {
    return std::string(access_path) + "?user_id=" + user;
}

/// "owner:admin role:admin user:view group:edit(grp_edit,nested)"
std::string rules_of(const Value& story) {
    std::string out;
    story.get("rules").each_item([&](const Value& rule) {
        out += (out.empty() ? "" : " ") + rule.member("rule") + ":" + rule.member("level");
        if (rule.member("rule") == "group")
            out += "(" + rule.member("group_id") + "," + rule.member("membership") + ")";
        if (rule.member("rule") == "role")
            out += "(" + rule.member("role") + "," + rule.member("source") + ")";
    });
    return out;
}

std::string missing_of(const Value& story) {
    std::string out;
    story.get("missing").each_item(
        [&](const Value& item) { out += (out.empty() ? "" : " ") + item.member("code"); });
    return out;
}

/// Every combination of own row, row of a direct group, row of a nested group (0 none to 4 admin), admin role
/// and status, each a user "c_<row>_<direct>_<nested>_<role>_<status>" of t1. The groups are those of the
/// fixture for the direct ones and grp_n1 to grp_n4 for the nested ones.
constexpr auto every_combination = R"(
INSERT INTO scaiflow.groups (tenant_id, id, name) SELECT 't1', 'grp_n' || n, 'Nested ' || n FROM generate_series(1, 4) n;
INSERT INTO scaiflow.flow_acls (tenant_id, id, flow_id, principal_type, principal_id, level, granted_by, listed_at)
SELECT 't1', 'acl_n' || n, 'f1', 'group', 'grp_n' || n, n, 'ann', now() FROM generate_series(1, 4) n;
CREATE TABLE combination AS
SELECT format('c_%s_%s_%s_%s_%s', o, d, n, r, s) AS id, o, d, n, nullif(r, '-') AS r, s
  FROM generate_series(0, 4) o, unnest(ARRAY[0, 1, 2, 4]) d, unnest(ARRAY[0, 2, 3]) n,
       unnest(ARRAY['-', 'tenant_admin', 'super_admin']) r, unnest(ARRAY['ACTIVE', 'SUSPENDED', 'DELETED']) s;
INSERT INTO scaiflow.users (tenant_id, id, email, seen_by, status, admin_role, admin_role_source, deleted_at)
SELECT 't1', id, id || '@x', 'webhook', CASE s WHEN 'DELETED' THEN 'ACTIVE' ELSE s END, r,
       CASE WHEN r IS NOT NULL THEN 'group' END, CASE s WHEN 'DELETED' THEN now() END FROM combination;
INSERT INTO scaiflow.flow_acls (tenant_id, id, flow_id, principal_type, principal_id, level, granted_by, listed_at)
SELECT 't1', 'acl_' || id, 'f1', 'user', id, o, 'ann', now() FROM combination WHERE o > 0;
INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id, direct)
SELECT 't1', 'grp_' || (ARRAY['view', 'edit', 'deploy', 'admin'])[d], id, true FROM combination WHERE d > 0
UNION ALL SELECT 't1', 'grp_n' || n, id, false FROM combination WHERE n > 0;
)";

/// All items of the list of holders, page by page.
std::map<std::string, std::string> holders(People& api, const std::string& who, int limit) {
    std::map<std::string, std::string> out;
    std::string cursor, last;
    for (int pages = 0; pages < 1'000; ++pages) {
        const auto page = api.as(who, "GET",
                                 std::string(access_path) + "?limit=" + std::to_string(limit) +
                                     (cursor.empty() ? "" : "&cursor=" + cursor));
        BOOST_REQUIRE(page.status == 200);
        BOOST_TEST(page.json.get("items").size() <= static_cast<std::size_t>(limit));
        page.json.get("items").each_item([&](const Value& item) {
            const auto key = item.member("tenant_id") + "/" + item.member("user_id");
            BOOST_TEST((last < key), last << " " << key); // in order, each once
            last = key;
            std::string rules;
            item.get("rules").each_item([&](const Value& rule) { rules += " " + rule.text_or("?"); });
            out[key] = item.member("level") + rules;
        });
        cursor = page.json.member("next_cursor");
        if (cursor.empty())
            return out;
    }
    BOOST_FAIL("the pages do not end");
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_flows_get_access)

BOOST_AUTO_TEST_CASE(each_way_to_a_level_is_named) {
    People api;
    const auto story = [&](const std::string& user) {
        const auto answer = api.as("boss", "GET", about(user));
        BOOST_REQUIRE(answer.status == 200);
        return answer.json.member("level") + " " + rules_of(answer.json);
    };
    BOOST_TEST(story("ann") == "admin owner:admin");
    BOOST_TEST(story("boss") == "admin role:admin(tenant_admin,manual)");
    BOOST_TEST(story("ed") == "edit user:edit");
    BOOST_TEST(story("gdeploy") == "deploy group:deploy(grp_deploy,direct)");
    BOOST_TEST(story("nadmin") == "admin group:admin(grp_admin,nested)");
    BOOST_TEST(story("bo") == " ");
    api.db.sql(
        "INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id) VALUES ('t1', 'grp_view', 'ed'), "
        "('t1', 'grp_deploy', 'ed'); UPDATE scaiflow.memberships SET deleted_at = now() WHERE user_id = "
        "'gview'");
    BOOST_TEST(story("ed") == "deploy group:deploy(grp_deploy,direct) user:edit group:view(grp_view,direct)");
    BOOST_TEST(story("gview") == " ");
    const auto rules = api.as("boss", "GET", about("ed")).json.get("rules");
    BOOST_TEST(rules.at(0).member("group_name") == "Group deploy");
    BOOST_TEST(rules.at(0).member("acl_id") == "acl_grp_deploy_f1");
    BOOST_TEST(rules.at(1).member("granted_by") == "ann");
    BOOST_TEST(rules.at(1).member("granted_at").ends_with("Z"));
    BOOST_TEST(api.as("t2/root", "GET", about("root") + "&tenant_id=t2").json.member("level") == "admin");
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_said) {
    People api;
    const auto missing = [&](const std::string& user) {
        const auto answer = api.as("ann", "GET", about(user));
        BOOST_REQUIRE(answer.status == 200);
        return missing_of(answer.json);
    };
    BOOST_TEST(missing("bo") == "no_rule");
    BOOST_TEST(missing("off") == "user_disabled");
    BOOST_TEST(missing("gone") == "user_deleted");
    BOOST_TEST(missing("vic") == "permission_view");
    BOOST_TEST(missing("ed") == "permission_view permission_manage");
    BOOST_TEST(missing("boss") == ""); // the role brings both permissions
    BOOST_TEST(missing("ann") == "");  // his own token has both
    const auto off = api.as("ann", "GET", about("off"));
    BOOST_TEST(off.json.get("level").is_null());
    BOOST_TEST(rules_of(off.json) == "user:admin"); // what it would give
    BOOST_TEST(off.json.get("missing").at(0).member("message") == "the user is disabled: status SUSPENDED");
    const auto ed = api.as("ann", "GET", about("ed")).json.get("missing").at(1).member("message");
    BOOST_TEST(ed == "permission scaicore:manage is needed for edit and comes from the user's token");

    const auto own = api.call_as(api.token("ed", "t1", {"scaicore:view"}), "GET", about("ed"));
    BOOST_TEST(missing_of(own.json) == "permission_manage");
    BOOST_TEST(own.json.get("missing").at(0).member("message") ==
               "permission scaicore:manage is needed for edit and neither token nor settings give it");
    api.db.sql("UPDATE scaiflow.tenants SET status = 'SUSPENDED' WHERE id = 't1'");
    BOOST_TEST(missing_of(api.as("t2/root", "GET", about("ann")).json) == "tenant_disabled");
}

BOOST_AUTO_TEST_CASE(permissions_that_the_settings_give_everybody_are_not_missing) {
    People api(test::FlowApi::Settings{{"SCAIFLOW_DEFAULT_PERMISSIONS", "scaicore:view"}});
    const auto missing = missing_of(api.as("ann", "GET", "/v1/flows/f1/access?user_id=ed").json);
    BOOST_TEST(missing == "permission_manage");
}

BOOST_AUTO_TEST_CASE(own_access_needs_view_and_that_of_others_admin) {
    People api;
    for (const auto* who : {"vic", "ed", "dep", "gview", "nedit"}) {
        BOOST_TEST(api.as(who, "GET", about(who)).status == 200, who);
        for (const auto& target : {about("ann"), about("bo"), about("nobody"), std::string(access_path)}) {
            const auto answer = api.as(who, "GET", target);
            BOOST_TEST(answer.status == 403, who << " " << target);
            BOOST_TEST(answer.json.get("detail").member("required") == "admin");
        }
    }
    for (const auto* who : {"ann", "adm", "gadmin", "nadmin", "boss", "t2/root"}) {
        BOOST_TEST(api.as(who, "GET", about("vic")).status == 200, who);
        BOOST_TEST(api.as(who, "GET", access_path).status == 200, who);
        const auto unknown = api.as(who, "GET", about("nobody"));
        BOOST_TEST(unknown.status == 404);
        BOOST_TEST(unknown.detail() == "user_not_found");
    }
    for (const auto* who : {"bo", "t2/boss2", "t2/stan", "t2/ann"})
        for (const auto& target : {about("ann"), about("bo"), std::string(access_path)}) {
            const auto answer = api.as(who, "GET", target);
            BOOST_TEST(answer.status == 404, who);
            BOOST_TEST(answer.detail() == "not_found");
        }
}

BOOST_AUTO_TEST_CASE(same_id_in_two_tenants_is_two_people) {
    People api;
    // The flow's tenant goes first; a super_admin may ask for the other one.
    BOOST_TEST(api.as("t2/root", "GET", about("ann")).json.member("level") == "admin");
    const auto other = api.as("t2/root", "GET", about("ann") + "&tenant_id=t2");
    BOOST_TEST(other.status == 200);
    BOOST_TEST(other.json.get("user").member("tenant_id") == "t2");
    BOOST_TEST(other.json.get("level").is_null());
    BOOST_TEST(rules_of(other.json) == "");
    BOOST_TEST(api.as("boss", "GET", about("ann") + "&tenant_id=t2").status == 404);
    BOOST_TEST(api.as("ann", "GET", about("ann") + "&tenant_id=t2").status == 404);
    // Of the own access of a super_admin of another tenant.
    const auto own = api.as("t2/root", "GET", about("root"));
    BOOST_TEST(own.json.get("user").member("tenant_id") == "t2");
    BOOST_TEST(rules_of(own.json) == "role:admin(super_admin,manual)");
}

BOOST_AUTO_TEST_CASE(bad_queries_name_their_parameter) {
    People api;
    const auto refused = [&](const std::string& query) {
        const auto answer = api.as("ann", "GET", std::string(access_path) + "?" + query);
        return std::to_string(answer.status) + " " + field_of(answer);
    };
    BOOST_TEST(refused("user_id=") == "422 query.user_id");
    BOOST_TEST(refused("user_id=" + std::string(256, 'x')) == "422 query.user_id");
    BOOST_TEST(refused("limit=0") == "422 query.limit");
    BOOST_TEST(refused("limit=501") == "422 query.limit");
    BOOST_TEST(refused("cursor=x") == "422 query.cursor");
    const auto cursor =
        api.as("ann", "GET", std::string(access_path) + "?limit=1").json.member("next_cursor");
    api.db.sql(test::flow_sql("f2"));
    BOOST_TEST(api.as("ann", "GET", "/v1/flows/f1/access?limit=1&cursor=" + cursor).status == 200);
    BOOST_TEST(api.as("ann", "GET", "/v1/flows/f2/access?limit=1&cursor=" + cursor).status == 422);
}

BOOST_AUTO_TEST_CASE(explained_listed_and_decided_levels_agree_for_every_combination) {
    People api;
    api.db.sql(every_combination);
    const auto rows = api.db.rows("SELECT id, o, d, n, coalesce(r, ''), s FROM combination ORDER BY id");
    BOOST_REQUIRE(rows.size() == 540);
    auto listed = holders(api, "boss", 37);
    scai::db::Pool pool(api.db.settings("scaiflow_flows"));
    scaiflow::flows::Caller boss;
    boss.subject = "boss";
    boss.tenant_id = "t1";
    boss.admin_role = "tenant_admin";
    int seen = 0;
    for (const auto& row : rows) {
        const auto& id = row[0];
        const bool active = row[5] == "ACTIVE";
        const int rule =
            row[4].empty() ? std::max({std::stoi(row[1]), std::stoi(row[2]), std::stoi(row[3])}) : 4;
        const auto wanted = static_cast<scaiflow::flows::Level>(active ? rule : 0);

        const auto story = scaiflow::flows::explain(pool, boss, {}, "f1", {.user_id = id, .tenant_id = {}});
        BOOST_REQUIRE(story);
        BOOST_TEST((story->level == wanted), id);
        int strongest = 0;
        for (const auto& item : story->rules)
            strongest = std::max(strongest, static_cast<int>(item.level));
        BOOST_TEST(strongest == rule, id);
        BOOST_TEST(story->missing.empty() == (wanted != scaiflow::flows::Level::none && !row[4].empty()), id);

        const auto listed_as = listed.contains("t1/" + id) ? listed["t1/" + id] : std::string("none");
        BOOST_TEST(listed_as.substr(0, listed_as.find(' ')) == scaiflow::flows::name_of(wanted), id);

        // The real gate and accessor, for one in six (all of them would take long).
        if (++seen % 6 == 0) {
            const auto status = api.as(id, "GET", "/v1/flows/f1").status;
            BOOST_TEST(status == (!active ? 401 : rule > 0 ? 200 : 404), id);
            BOOST_TEST(api.as(id, "GET", "/v1/flows/f1/acls").status == (!active     ? 401
                                                                         : rule == 4 ? 200
                                                                         : rule > 0  ? 403
                                                                                     : 404),
                       id);
        }
    }
}

BOOST_AUTO_TEST_CASE(pages_of_any_size_list_everybody_once) {
    People api;
    const std::map<std::string, std::string> tenant = {
        {"t1/adm", "admin user"},       {"t1/ann", "admin owner"},      {"t1/boss", "admin role"},
        {"t1/dep", "deploy user"},      {"t1/ed", "edit user"},         {"t1/gadmin", "admin group"},
        {"t1/gdeploy", "deploy group"}, {"t1/gedit", "edit group"},     {"t1/gview", "view group"},
        {"t1/nadmin", "admin group"},   {"t1/ndeploy", "deploy group"}, {"t1/nedit", "edit group"},
        {"t1/nview", "view group"},     {"t1/vic", "view user"}};
    auto everywhere = tenant;
    everywhere["t2/root"] = "admin role";
    for (const int limit : {1, 2, 3, 13, 14, 15, 500}) {
        BOOST_TEST((holders(api, "ann", limit) == tenant), limit);
        BOOST_TEST((holders(api, "t2/root", limit) == everywhere), limit);
    }
    api.db.sql(
        "INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id) VALUES ('t1', 'grp_edit', 'vic')");
    BOOST_TEST(holders(api, "ann", 5)["t1/vic"] == "edit user group");
}

BOOST_AUTO_TEST_CASE(a_group_of_many_costs_a_page_of_few) {
    People api;
    api.db.sql(
        "INSERT INTO scaiflow.users (tenant_id, id, seen_by) SELECT 't1', 'm' || n, 'webhook' FROM "
        "generate_series(100000, 120000) n; INSERT INTO scaiflow.memberships (tenant_id, group_id, user_id) "
        "SELECT 't1', 'grp_edit', 'm' || n FROM generate_series(100000, 120000) n; ANALYZE");
    const auto begin = std::chrono::steady_clock::now();
    BOOST_TEST(api.as("ann", "GET", std::string(access_path) + "?limit=10").json.get("items").size() == 10);
    const auto took = std::chrono::steady_clock::now() - begin;
    BOOST_TEST_MESSAGE(std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << " ms");
    BOOST_TEST(holders(api, "ann", 500).size() == 20'015);
}

BOOST_AUTO_TEST_SUITE_END()
