// SPDX-License-Identifier: Apache-2.0
#include "tests/db/handlers/scaiflow/flows/people.hpp"

#include <atomic>
#include <thread>

using test::field_of;
using test::People;

namespace {

constexpr auto acls = "/v1/flows/f1/acls";

std::string grant(const std::string& type, const std::string& id, const std::string& level) {
    return R"({"principal_type":")" + type + R"(","principal_id":")" + id + R"(","level":")" + level +
           R"("})";
}

std::string audit_of(const test::Database& db) {
    return db.value(
        "SELECT string_agg(actor || ' ' || action || ' ' || object_type || '/' || object_id || ' ' || "
        "coalesce(before->>'level', '-') || ' ' || coalesce(after->>'level', '-') || ' ' || "
        "(cause ? 'request_id'), '; ' ORDER BY id) FROM scaiflow.audit_log");
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaiflow_flows_acls)

BOOST_AUTO_TEST_CASE(row_is_granted_listed_changed_and_revoked) {
    People api;
    BOOST_TEST(api.as("bo", "GET", "/v1/flows/f1").status == 404);
    const auto made = api.as("ann", "POST", acls, grant("user", "bo", "edit"));
    BOOST_REQUIRE(made.status == 201);
    const auto id = made.json.member("id");
    BOOST_TEST(id.starts_with("acl_"));
    BOOST_TEST(made.headers.at("Location") == "/api/v1/flows/f1/acls/" + id);
    BOOST_TEST(made.json.member("flow_id") == "f1");
    BOOST_TEST(made.json.member("principal_type") == "user");
    BOOST_TEST(made.json.member("principal_id") == "bo");
    BOOST_TEST(made.json.member("principal_name") == "Bo");
    BOOST_TEST(made.json.member("level") == "edit");
    BOOST_TEST(made.json.member("granted_by") == "ann");
    BOOST_TEST(made.json.member("granted_at").ends_with("Z"));
    BOOST_TEST(api.as("bo", "GET", "/v1/flows/f1").status == 200);
    BOOST_TEST(api.as("bo", "GET", acls).status == 403);

    const auto listed = api.as("ann", "GET", acls);
    BOOST_REQUIRE(listed.json.is_array());
    BOOST_TEST(listed.json.size() == 11);
    BOOST_TEST(listed.json.at(10).dump() == made.json.dump());

    const auto changed = api.as("adm", "PATCH", std::string(acls) + "/" + id, R"({"level":"admin"})");
    BOOST_TEST(changed.status == 200);
    BOOST_TEST(changed.json.member("level") == "admin");
    BOOST_TEST(changed.json.member("granted_by") == "adm");
    BOOST_TEST(api.as("bo", "GET", acls).status == 200);

    BOOST_TEST(api.as("bo", "DELETE", std::string(acls) + "/" + id).status == 204); // of himself
    BOOST_TEST(api.as("bo", "GET", "/v1/flows/f1").status == 404);
    BOOST_TEST(api.as("ann", "DELETE", std::string(acls) + "/" + id).status == 404);
    BOOST_TEST(audit_of(api.db) ==
               "ann flow.access_granted flow/f1 - edit true; adm flow.access_changed flow/f1 "
               "edit admin true; bo flow.access_revoked flow/f1 admin - true");
}

BOOST_AUTO_TEST_CASE(the_level_it_has_already_changes_nothing) {
    People api;
    const auto same = api.as("adm", "PATCH", std::string(acls) + "/acl_ed_f1", R"({"level":"edit"})");
    BOOST_TEST(same.status == 200);
    BOOST_TEST(same.json.member("granted_by") == "ann");
    BOOST_TEST(audit_of(api.db).empty());
}

BOOST_AUTO_TEST_CASE(new_row_repeats_the_time_of_its_flow) {
    People api;
    api.db.sql("UPDATE scaiflow.flows SET updated_at = '2026-05-01T08:00:00.123456Z' WHERE id = 'f1'");
    BOOST_TEST(api.as("ann", "POST", acls, grant("user", "bo", "view")).status == 201);
    BOOST_TEST(
        api.db.value("SELECT a.listed_at = f.updated_at FROM scaiflow.flow_acls a JOIN scaiflow.flows f ON "
                     "f.id = a.flow_id WHERE a.principal_id = 'bo'") == "t");
    BOOST_TEST(api.db.value("SELECT revision FROM scaiflow.flows WHERE id = 'f1'") == "1");
}

BOOST_AUTO_TEST_CASE(bad_level_and_type_are_400_naming_the_field) {
    People api;
    for (const auto* level : {"owner", "none", "VIEW", "view ", "5"}) {
        const auto posted = api.as("ann", "POST", acls, grant("user", "bo", level));
        BOOST_TEST(posted.status == 400, level);
        BOOST_TEST(field_of(posted) == "body.level");
        const auto patched = api.as("ann", "PATCH", std::string(acls) + "/acl_ed_f1",
                                    std::string(R"({"level":")") + level + "\"}");
        BOOST_TEST(patched.status == 400, level);
        BOOST_TEST(field_of(patched) == "body.level");
    }
    for (const auto* type : {"tenant", "User", "users", "*"}) {
        const auto posted = api.as("ann", "POST", acls, grant(type, "bo", "view"));
        BOOST_TEST(posted.status == 400, type);
        BOOST_TEST(field_of(posted) == "body.principal_type");
    }
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.flow_acls") == "10");
}

BOOST_AUTO_TEST_CASE(missing_and_mistyped_fields_are_422_all_at_once) {
    People api;
    const auto none = api.as("ann", "POST", acls, "{}");
    BOOST_TEST(none.status == 422);
    BOOST_TEST(none.json.get("detail").size() == 3);
    const auto wrong = api.as("ann", "POST", acls, R"({"principal_type":1,"principal_id":[],"level":null})");
    BOOST_TEST(wrong.status == 422);
    BOOST_TEST(wrong.json.get("detail").size() == 3);
    const auto patched = api.as("ann", "PATCH", std::string(acls) + "/acl_ed_f1", "{}");
    BOOST_TEST(patched.status == 422);
    BOOST_TEST(field_of(patched) == "body.level");
    BOOST_TEST(api.as("ann", "POST", acls, "[]").status == 422);
    BOOST_TEST(api.as("ann", "POST", acls, "{").status == 400);
    BOOST_TEST(api.as("ann", "POST", acls, grant("user", std::string(256, 'x'), "view")).status == 422);
}

BOOST_AUTO_TEST_CASE(principal_unknown_deleted_or_of_another_tenant_is_404) {
    People api;
    api.db.sql("UPDATE scaiflow.groups SET deleted_at = now() WHERE tenant_id = 't1' AND id = 'grp_view'");
    for (const auto& body : {grant("user", "nobody", "view"), grant("user", "gone", "view"),
                             grant("user", "stan", "view"), grant("group", "bo", "view"),
                             grant("user", "grp_edit", "view"), grant("group", "grp_view", "view")})
        for (const auto* who : {"ann", "boss", "t2/root"}) {
            const auto answer = api.as(who, "POST", acls, body);
            BOOST_TEST(answer.status == 404, body);
            BOOST_TEST(answer.detail() == "principal_not_found");
            BOOST_TEST(answer.json.get("detail").member("field") == "principal_id");
        }
}

BOOST_AUTO_TEST_CASE(second_row_of_a_principal_is_409_naming_the_first) {
    People api;
    const auto twice = api.as("ann", "POST", acls, grant("user", "ed", "admin"));
    BOOST_TEST(twice.status == 409);
    BOOST_TEST(twice.detail() == "acl_exists");
    BOOST_TEST(twice.json.get("detail").member("acl_id") == "acl_ed_f1");
    BOOST_TEST(twice.json.get("detail").member("level") == "edit");
    BOOST_TEST(twice.json.get("detail").member("fix").find("PATCH /v1/flows/f1/acls/acl_ed_f1") == 0);
    BOOST_TEST(api.as("ann", "POST", acls, grant("group", "grp_edit", "edit")).status == 409);
}

BOOST_AUTO_TEST_CASE(repeated_with_its_key_it_gives_the_first_answer) {
    People api;
    const test::FlowApi::Headers key = {{"idempotency-key", "grant-1"}};
    const auto first = api.as("ann", "POST", acls, grant("user", "bo", "view"), key);
    const auto again = api.as("ann", "POST", acls, grant("user", "bo", "view"), key);
    BOOST_TEST(first.status == 201);
    BOOST_TEST(again.status == 201);
    BOOST_TEST(again.body == first.body);
    BOOST_TEST(api.as("ann", "POST", acls, grant("user", "bo", "edit"), key).status == 422);
    BOOST_TEST(
        api.as("ann", "POST", acls, grant("user", "bo", "view"), {{"idempotency-key", "grant-2"}}).status ==
        409);
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.audit_log") == "1");
}

BOOST_AUTO_TEST_CASE(owner_needs_no_row_and_gets_none) {
    People api;
    for (const auto* who : {"ann", "adm", "boss", "t2/root"}) {
        const auto answer = api.as(who, "POST", acls, grant("user", "ann", "view"));
        BOOST_TEST(answer.status == 409);
        BOOST_TEST(answer.detail() == "owner_has_admin");
    }
    BOOST_TEST(api.as("ann", "DELETE", std::string(acls) + "/owner").status == 404);
}

BOOST_AUTO_TEST_CASE(row_of_another_flow_is_not_found_here) {
    People api;
    api.db.sql(test::flow_sql("f2", "bo"));
    for (const auto* id : {"acl_ed_f2", "acl_nobody", "'"}) {
        const auto path = std::string(acls) + "/" + id;
        BOOST_TEST(api.as("ann", "PATCH", path, R"({"level":"view"})").status == 404);
        const auto gone = api.as("ann", "DELETE", path);
        BOOST_TEST(gone.status == 404);
        BOOST_TEST(gone.detail() == "not_found");
    }
    BOOST_TEST(api.db.value("SELECT count(*) FROM scaiflow.flow_acls") == "20");
}

BOOST_AUTO_TEST_CASE(deleted_flow_has_no_rows_for_anybody) {
    People api;
    api.db.sql("UPDATE scaiflow.flows SET deleted_at = now(), deleted_by = 'ann'");
    for (const auto* who : {"ann", "adm", "boss", "t2/root"}) {
        BOOST_TEST(api.as(who, "GET", acls).status == 404);
        BOOST_TEST(api.as(who, "POST", acls, grant("user", "bo", "view")).status == 404);
    }
}

BOOST_AUTO_TEST_CASE(a_flow_has_at_most_a_thousand_rows) {
    People api;
    api.db.sql("INSERT INTO scaiflow.flow_acls (tenant_id, id, flow_id, principal_type, principal_id, level, "
               "granted_by) SELECT 't1', 'acl_' || n, 'f1', 'user', 'u' || n, 1, 'ann' FROM "
               "generate_series(1, 989) n");
    BOOST_TEST(api.as("ann", "POST", acls, grant("user", "bo", "view")).status == 201);
    const auto full = api.as("ann", "POST", acls, grant("user", "boss", "view"));
    BOOST_TEST(full.status == 409);
    BOOST_TEST(full.detail() == "too_many_acls");
}

BOOST_AUTO_TEST_CASE(of_two_at_once_one_wins) {
    People api;
    const auto token = api.token("ann", "t1", {"scaicore:manage"});
    for (int round = 0; round < 5; ++round) {
        std::atomic<int> created = 0, refused = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                const auto status = api.call_as(token, "POST", acls, grant("user", "bo", "view")).status;
                created += status == 201 ? 1 : 0;
                refused += status == 409 ? 1 : 0;
            });
        for (auto& thread : threads)
            thread.join();
        BOOST_TEST(created == 1);
        BOOST_TEST(refused == 3);
        api.db.sql("DELETE FROM scaiflow.flow_acls WHERE principal_id = 'bo'");
    }
}

BOOST_AUTO_TEST_CASE(grants_between_saves_leave_lists_exact) {
    People api;
    std::atomic<int> saved = 0, granted = 0;
    std::thread saver([&] {
        const auto token = api.token("ed", "t1", {"scaicore:manage"});
        for (int i = 0; i < 20; ++i)
            saved +=
                api.call_as(token, "PUT", "/v1/flows/f1", R"({"name":"Name )" + std::to_string(i) + "\"}")
                    .status == 200;
    });
    const auto token = api.token("ann", "t1", {"scaicore:manage"});
    for (int i = 0; i < 10; ++i) {
        const auto made = api.call_as(token, "POST", acls, grant("user", "bo", "view"));
        granted += made.status == 201;
        if (i < 9)
            api.call_as(token, "DELETE", std::string(acls) + "/" + made.json.member("id"));
    }
    saver.join();
    BOOST_TEST(saved == 20);
    BOOST_TEST(granted == 10);
    BOOST_TEST(
        api.db.value(
            "SELECT bool_and(a.listed_at = f.updated_at) FROM scaiflow.flow_acls a JOIN scaiflow.flows "
            "f ON f.id = a.flow_id") == "t");
}

BOOST_AUTO_TEST_CASE(second_wall_hides_rows_of_other_tenants) {
    People api;
    scai::db::Pool pool(api.db.settings("scaiflow_flows"));
    constexpr auto count_acls = "SELECT count(*) FROM scaiflow.flow_acls";
    constexpr auto count_versions = "SELECT count(*) FROM scaiflow.flow_versions";
    const auto count = [&](const scai::db::Scope& scope, const char* statement) {
        return pool.read(scope).one<std::int64_t>(statement);
    };
    using scai::db::Scope;
    BOOST_TEST(count(Scope::tenant("t1"), count_acls) == 10);
    BOOST_TEST(count(Scope::tenant("t1"), count_versions) == 1);
    for (const auto& scope : {Scope::tenant("t2"), Scope::none(), Scope::tenant("'")}) {
        BOOST_TEST(count(scope, count_acls) == 0);
        BOOST_TEST(count(scope, count_versions) == 0);
    }
    const auto write = [&](const char* statement) {
        return scai::db::in_tx(pool, Scope::tenant("t2"),
                               [&](scai::db::Tx& tx) { return tx.run(statement); });
    };
    BOOST_TEST(write("UPDATE scaiflow.flow_acls SET level = 4") == 0);
    BOOST_TEST(write("DELETE FROM scaiflow.flow_acls") == 0);
    BOOST_CHECK_THROW(
        write("INSERT INTO scaiflow.flow_acls (tenant_id, id, flow_id, principal_type, principal_id, "
              "level, granted_by) VALUES ('t1', 'acl_x', 'f1', 'user', 'stan', 4, 'stan')"),
        scai::db::Error);
    BOOST_CHECK_THROW(
        write("INSERT INTO scaiflow.flow_versions (tenant_id, flow_id, number, version, content, "
              "content_sha256, created_by) VALUES ('t1', 'f1', 2, '1.0.1', '{}', '', 'stan')"),
        scai::db::Error);
    // A version is for good even in its own tenant.
    BOOST_CHECK_THROW(scai::db::in_tx(pool, Scope::tenant("t1"),
                                      [&](scai::db::Tx& tx) {
                                          return tx.run("UPDATE scaiflow.flow_versions SET content = '{}'");
                                      }),
                      scai::db::Error);
    BOOST_TEST(count(Scope::tenant("t1"), count_acls) == 10);
}

BOOST_AUTO_TEST_SUITE_END()
