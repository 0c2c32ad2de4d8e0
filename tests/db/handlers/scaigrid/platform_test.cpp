// Who gets in, with which rights; keys; limits; faults. SPDX-License-Identifier: Apache-2.0
#include "tests/support/grid_api.hpp"

#include <boost/test/unit_test.hpp>

using scai::json::Value;

namespace {

bool has(const Value& list, const std::string& wanted) {
    bool found = false;
    list.each_item([&](const Value& item) { found = found || item.text_or("") == wanted; });
    return found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaigrid_platform)

BOOST_AUTO_TEST_CASE(a_missing_credential_and_a_bad_one_are_told_apart) {
    test::GridApi api;
    auto answer = api.call("GET", "/v1/me");
    BOOST_TEST(answer.status == 401);
    BOOST_TEST(answer.code() == "AUTH_TOKEN_MISSING");
    BOOST_TEST(answer.json.member("status") == "error");
    BOOST_TEST(answer.json.get("meta").member("request_id") == answer.headers.at("X-Request-ID"));
    for (const auto* bad : {"sgk_nobodyknowsthiskey0000000000000000000", "not.a.token", "", "eyJ"}) {
        answer = api.call_as(bad, "GET", "/v1/me");
        BOOST_TEST(answer.status == 401);
        BOOST_TEST(answer.code() == "AUTH_TOKEN_INVALID");
    }
    answer = api.call("GET", "/v1/me", "", {{"authorization", "Basic YTpi"}});
    BOOST_TEST(answer.code() == "AUTH_TOKEN_INVALID");
}

BOOST_AUTO_TEST_CASE(a_token_of_another_audience_is_refused) {
    test::GridApi api;
    const auto token = api.token(Value::object({{"iss", "https://key.test/tenants/tnt_a"},
                                                {"sub", "usr_1"},
                                                {"tenant_id", "tnt_a"},
                                                {"aud", "somebody-else"}}));
    const auto answer = api.call_as(token, "GET", "/v1/me");
    BOOST_TEST(answer.status == 401);
    BOOST_TEST(answer.code() == "AUTH_TOKEN_INVALID");
}

BOOST_AUTO_TEST_CASE(permissions_follow_the_role_of_the_token) {
    test::GridApi api;
    const auto permissions = [&](const std::string& role) {
        const auto answer = api.call_as(api.user_token("usr_" + role, "tnt_a", role), "GET", "/v1/me");
        BOOST_TEST_REQUIRE(answer.status == 200);
        BOOST_TEST(answer.data().member("tenant_id") == "tnt_a");
        return answer.data().get("permissions");
    };
    for (const auto* admin : {"tenant_admin", "partner_admin", "super_admin"})
        for (const auto* permission : {"scaicore:manage", "scaicore:checkpoint_resolve", "scaiqueue:manage",
                                       "scaibunker:create", "models:manage", "api_keys:manage"})
            BOOST_TEST(has(permissions(admin), permission));
    BOOST_TEST(has(permissions("tenant_viewer"), "scaicore:view"));
    BOOST_TEST(has(permissions("tenant_viewer"), "scaiqueue:view"));
    BOOST_TEST(!has(permissions("tenant_viewer"), "scaicore:manage"));
    BOOST_TEST(!has(permissions("tenant_viewer"), "models:use"));
    BOOST_TEST(has(permissions("tenant_user"), "models:use"));
    BOOST_TEST(!has(permissions("tenant_user"), "scaicore:view"));
    BOOST_TEST(!has(permissions("emperor"), "scaicore:view")); // nobody's role: a plain user
}

BOOST_AUTO_TEST_CASE(default_permissions_are_everybodys_and_manage_brings_view) {
    test::GridApi api({{"SCAIGRID_DEFAULT_PERMISSIONS", "scaicore:manage"}});
    const auto answer = api.call_as(api.user_token("usr_1", "tnt_a"), "GET", "/v1/me");
    BOOST_TEST(has(answer.data().get("permissions"), "scaicore:manage"));
    BOOST_TEST(has(answer.data().get("permissions"), "scaicore:view"));
    BOOST_TEST(!has(answer.data().get("permissions"), "scaiqueue:view"));
    BOOST_CHECK_THROW(test::GridApi(&api, {{"SCAIGRID_DEFAULT_PERMISSIONS", "scaicore:everything"}}),
                      std::runtime_error);
}

BOOST_AUTO_TEST_CASE(a_key_is_shown_once_works_and_is_gone_at_once_when_revoked) {
    test::GridApi api;
    test::GridApi second(&api);
    const auto admin = api.user_token("usr_admin", "tnt_a", "tenant_admin");
    auto answer = api.call_as(admin, "POST", "/v1/api-keys", R"({"name":"deploys"})");
    BOOST_TEST_REQUIRE(answer.status == 201);
    const auto key = answer.data().member("key");
    const auto id = answer.data().member("id");
    BOOST_TEST(key.starts_with("sgk_"));
    BOOST_TEST(key.size() >= 36u);
    BOOST_TEST(answer.data().member("hint") == key.substr(key.size() - 4));

    answer = api.call_as(admin, "GET", "/v1/api-keys");
    BOOST_TEST(answer.data().size() == 1u);
    BOOST_TEST(answer.body.find(key) == std::string::npos);
    BOOST_TEST(
        api.db().value("SELECT count(*) FROM scaigrid.api_keys k WHERE k::text LIKE '%" + key + "%'") == "0");

    answer = second.call_as(key, "GET", "/v1/me");
    BOOST_TEST_REQUIRE(answer.status == 200);
    BOOST_TEST(answer.data().member("id") == "usr_admin");
    BOOST_TEST(answer.data().member("tenant_id") == "tnt_a");
    BOOST_TEST(answer.data().member("credential") == "api_key");
    BOOST_TEST(has(answer.data().get("permissions"), "scaicore:manage"));

    BOOST_TEST(api.call_as(admin, "DELETE", "/v1/api-keys/" + id).status == 204);
    answer = second.call_as(key, "GET", "/v1/me");
    BOOST_TEST(answer.status == 401);
    BOOST_TEST(answer.code() == "AUTH_TOKEN_INVALID");
    BOOST_TEST(api.call_as(admin, "DELETE", "/v1/api-keys/" + id).status == 204); // stays so
    BOOST_TEST(api.call_as(admin, "GET", "/v1/api-keys").data().size() == 0u);
}

BOOST_AUTO_TEST_CASE(a_key_ends_when_it_says_and_goes_by_what_its_user_may_now) {
    test::GridApi api;
    const auto admin = api.user_token("usr_admin", "tnt_a", "tenant_admin");
    const auto soon = scai::to_iso8601(api.clock.now() + std::chrono::minutes(10));
    const auto key =
        api.call_as(admin, "POST", "/v1/api-keys", R"({"name":"short","expires_at":")" + soon + R"("})")
            .data()
            .member("key");
    BOOST_TEST(api.call_as(key, "GET", "/v1/me").status == 200);
    // The user comes back as a viewer: the key is one now, too.
    BOOST_TEST(api.call_as(api.user_token("usr_admin", "tnt_a", "tenant_viewer"), "GET", "/v1/me").status ==
               200);
    const auto permissions = api.call_as(key, "GET", "/v1/me").data().get("permissions");
    BOOST_TEST(!has(permissions, "scaicore:manage"));
    BOOST_TEST(has(permissions, "scaicore:view"));
    api.clock.advance(std::chrono::minutes(10));
    BOOST_TEST(api.call_as(key, "GET", "/v1/me").status == 401);
}

BOOST_AUTO_TEST_CASE(a_suspended_user_and_his_keys_stay_out) {
    test::GridApi api;
    const auto key = api.api_key("usr_1", "tnt_a");
    BOOST_TEST(api.call_as(key, "GET", "/v1/me").status == 200);
    api.db().sql("UPDATE scaigrid.users SET status = 'suspended'");
    BOOST_TEST(api.call_as(key, "GET", "/v1/me").status == 401);
    BOOST_TEST(api.call_as(api.user_token("usr_1", "tnt_a", "tenant_admin"), "GET", "/v1/me").status == 401);
    BOOST_TEST(api.call_as(api.user_token("usr_1", "tnt_b", "tenant_admin"), "GET", "/v1/me").status == 200);
}

BOOST_AUTO_TEST_CASE(keys_of_others_are_beyond_reach) {
    test::GridApi api;
    const auto admin = api.user_token("usr_admin", "tnt_a", "tenant_admin");
    const auto foreign = api.user_token("usr_admin", "tnt_b", "super_admin");
    const auto id = api.call_as(admin, "POST", "/v1/api-keys", R"({"name":"a"})").data().member("id");
    BOOST_TEST(api.call_as(foreign, "DELETE", "/v1/api-keys/" + id).status == 404);
    BOOST_TEST(api.call_as(foreign, "GET", "/v1/api-keys").data().size() == 0u);
    const auto user = api.user_token("usr_plain", "tnt_a");
    const auto answer = api.call_as(user, "POST", "/v1/api-keys", R"({"name":"b"})");
    BOOST_TEST(answer.status == 403);
    BOOST_TEST(answer.code() == "AUTHZ_PERMISSION_DENIED");
    BOOST_TEST(api.call_as(user, "DELETE", "/v1/api-keys/" + id).status == 403);
    // For somebody else: his key has his rights, not the admin's.
    const auto given =
        api.call_as(admin, "POST", "/v1/api-keys", R"({"name":"c","assigned_user_id":"usr_plain"})");
    BOOST_TEST_REQUIRE(given.status == 201);
    const auto me = api.call_as(given.data().member("key"), "GET", "/v1/me");
    BOOST_TEST(me.data().member("id") == "usr_plain");
    BOOST_TEST(!has(me.data().get("permissions"), "scaicore:view"));
}

BOOST_AUTO_TEST_CASE(a_key_that_cannot_be_made_says_what_is_wrong) {
    test::GridApi api;
    const auto admin = api.user_token("usr_admin", "tnt_a", "tenant_admin");
    for (const auto& [body, field] : std::initializer_list<std::pair<const char*, const char*>>{
             {"{}", "body.name"},
             {R"({"name":7})", "body.name"},
             {R"({"name":""})", "body.name"},
             {R"({"name":"x","expires_at":"tomorrow"})", "body.expires_at"},
             {R"({"name":"x","expires_at":"2001-01-01T00:00:00Z"})", "body.expires_at"},
             {R"({"name":"x","assigned_user_id":[]})", "body.assigned_user_id"}}) {
        const auto answer = api.call_as(admin, "POST", "/v1/api-keys", body);
        BOOST_TEST(answer.status == 422);
        BOOST_TEST(answer.code() == "VALIDATION_ERROR");
        BOOST_TEST(answer.json.get("error").get("details").at(0).member("field") == field);
        BOOST_TEST(!answer.json.get("error").member("message").empty());
    }
    BOOST_TEST(api.call_as(admin, "POST", "/v1/api-keys", "[1]").status == 422);
    BOOST_TEST(api.call_as(admin, "POST", "/v1/api-keys", "{").status == 400);
}

BOOST_AUTO_TEST_CASE(every_answer_says_what_is_left_of_the_minute) {
    test::GridApi api({{"SCAIGRID_RATE_LIMIT_USER", "3"}, {"SCAIGRID_RATE_LIMIT_TENANT", "5"}});
    const auto mia = api.user_token("usr_mia", "tnt_a");
    auto answer = api.call_as(mia, "GET", "/v1/me");
    BOOST_TEST(answer.headers.at("X-Scaigrid-Ratelimit-Limit") == "3");
    BOOST_TEST(answer.headers.at("X-Scaigrid-Ratelimit-Remaining") == "2");
    BOOST_TEST(answer.headers.at("X-Scaigrid-Ratelimit-Reset") == std::to_string(api.clock.seconds() + 60));
    api.call_as(mia, "GET", "/v1/me");
    BOOST_TEST(api.call_as(mia, "GET", "/v1/me").headers.at("X-Scaigrid-Ratelimit-Remaining") == "0");
    answer = api.call_as(mia, "GET", "/v1/me");
    BOOST_TEST(answer.status == 429);
    BOOST_TEST(answer.code() == "RATE_LIMITED");
    BOOST_TEST(answer.headers.at("Retry-After") == "60");
    BOOST_TEST(answer.json.get("error").get("retry_after").integer().value_or(0) == 60);
    // Two are left to the tenant: a refused request is not counted.
    const auto tom = api.user_token("usr_tom", "tnt_a");
    BOOST_TEST(api.call_as(tom, "GET", "/v1/me").status == 200);
    BOOST_TEST(api.call_as(tom, "GET", "/v1/me").status == 200);
    BOOST_TEST(api.call_as(tom, "GET", "/v1/me").status == 429);
    BOOST_TEST(api.call_as(api.user_token("usr_mia", "tnt_b"), "GET", "/v1/me").status == 200);
    api.clock.advance(std::chrono::seconds(60));
    BOOST_TEST(api.call_as(mia, "GET", "/v1/me").status == 200);
    answer = api.call("GET", "/health");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.headers.contains("X-Scaigrid-Ratelimit-Remaining"));
}

BOOST_AUTO_TEST_CASE(faults_are_nowhere_without_the_setting) {
    test::GridApi api;
    for (const auto* method : {"GET", "POST", "PUT", "DELETE"})
        BOOST_TEST(api.call(method, "/v1/test/faults",
                            std::string(method) == "POST" || std::string(method) == "PUT" ? "{}" : "")
                       .status == 404);
    test::GridApi open(&api, {{"SCAIGRID_TEST_FAULTS", "true"}});
    BOOST_TEST(open.call("POST", "/v1/test/faults", R"({"status":500})").status == 201);
    BOOST_TEST(open.call("GET", "/health").status == 500);
    BOOST_TEST(api.call("GET", "/health").status == 200); // a process without the setting has none
}

BOOST_AUTO_TEST_CASE(a_fault_strikes_where_and_as_often_as_it_says_in_every_process) {
    test::GridApi api({{"SCAIGRID_TEST_FAULTS", "true"}});
    test::GridApi second(&api, {{"SCAIGRID_TEST_FAULTS", "true"}});
    const auto admin = api.user_token("usr_admin", "tnt_a", "tenant_admin");
    BOOST_TEST(api.call("PUT", "/v1/test/faults",
                        R"({"faults":[{"method":"DELETE","path":"/v1/api-keys/{id}","status":409,
                             "code":"SLUG_CONFLICT","times":2},
                            {"method":"GET","path":"/v1/me","status":429,"code":"RATE_LIMITED",
                             "retry_after":7,"times":1}]})")
                   .status == 200);
    BOOST_TEST(api.call_as(admin, "GET", "/v1/api-keys").status == 200);
    auto answer = second.call_as(admin, "DELETE", "/v1/api-keys/key_x");
    BOOST_TEST(answer.status == 409);
    BOOST_TEST(answer.code() == "SLUG_CONFLICT");
    BOOST_TEST(api.call_as(admin, "DELETE", "/v1/api-keys/key_x").status == 409);
    BOOST_TEST(api.call_as(admin, "DELETE", "/v1/api-keys/key_x").status == 404);
    answer = api.call_as(admin, "GET", "/v1/me");
    BOOST_TEST(answer.status == 429);
    BOOST_TEST(answer.headers.at("Retry-After") == "7");
    BOOST_TEST(second.call_as(admin, "GET", "/v1/me").status == 200);
    BOOST_TEST(api.call("DELETE", "/v1/test/faults").status == 204);
    BOOST_TEST(api.call("GET", "/v1/test/faults").data().get("faults").size() == 0u);
}

BOOST_AUTO_TEST_CASE(an_answer_is_lost_after_the_work_was_done) {
    test::GridApi api({{"SCAIGRID_TEST_FAULTS", "true"}});
    const auto admin = api.user_token("usr_admin", "tnt_a", "tenant_admin");
    api.call("POST", "/v1/test/faults", R"({"method":"POST","status":504,"after":true,"times":1})");
    BOOST_TEST(api.call_as(admin, "POST", "/v1/api-keys", R"({"name":"x"})").status == 504);
    BOOST_TEST(api.call_as(admin, "GET", "/v1/api-keys").data().size() == 1u);
    api.call("POST", "/v1/test/faults", R"({"method":"POST","status":504,"times":1})");
    BOOST_TEST(api.call_as(admin, "POST", "/v1/api-keys", R"({"name":"y"})").status == 504);
    BOOST_TEST(api.call_as(admin, "GET", "/v1/api-keys").data().size() == 1u);
    const auto junk = api.call("POST", "/v1/test/faults", R"({"path":"/v1/me","body":"<html>"})");
    BOOST_TEST(junk.status == 201);
    BOOST_TEST(api.call_as(admin, "GET", "/v1/me").body == "<html>");
}

BOOST_AUTO_TEST_CASE(a_list_comes_in_the_shape_that_is_asked_for) {
    test::GridApi api({{"SCAIGRID_TEST_FAULTS", "true"}});
    const auto admin = api.user_token("usr_admin", "tnt_a", "tenant_admin");
    api.call_as(admin, "POST", "/v1/api-keys", R"({"name":"x"})");
    const auto as = [&](const std::string& shape) {
        api.call("PUT", "/v1/test/faults",
                 R"({"faults":[{"path":"/v1/api-keys","list_shape":")" + shape + R"("}]})");
        return api.call_as(admin, "GET", "/v1/api-keys").json;
    };
    BOOST_TEST(as("A").get("data").get("items").size() == 1u);
    BOOST_TEST(as("B").get("data").size() == 1u);
    BOOST_TEST(as("B").get("has_more").boolean().value_or(true) == false);
    BOOST_TEST(as("C").get("data").get("events").size() == 1u);
    BOOST_TEST(as("openai").member("object") == "list");
}

BOOST_AUTO_TEST_CASE(a_fault_nobody_can_read_is_refused) {
    test::GridApi api({{"SCAIGRID_TEST_FAULTS", "true"}});
    for (const auto* body :
         {"{}", R"({"status":99})", R"({"status":"500"})", R"({"path":"v1/me","status":500})",
          R"({"method":"BREW","status":500})", R"({"list_shape":"Z"})", R"({"delay_ms":-1})"})
        BOOST_TEST(api.call("POST", "/v1/test/faults", body).status == 422);
    BOOST_TEST(api.call("PUT", "/v1/test/faults", R"({"faults":{}})").status == 422);
    BOOST_TEST(api.call("GET", "/health").status == 200);
}

BOOST_AUTO_TEST_CASE(roles_given_here_win_over_the_token_and_count_at_once) {
    test::GridApi api;
    const auto admin = api.user_token("usr_admin", "tnt_a", "tenant_admin");
    const auto mia = api.user_token("usr_mia", "tnt_a");
    const auto permissions = [&] { return api.call_as(mia, "GET", "/v1/me").data().get("permissions"); };
    BOOST_TEST(!has(permissions(), "scaicore:view"));
    auto answer = api.call_as(admin, "PUT", "/v1/users/usr_mia/roles", R"({"roles":["tenant_viewer"]})");
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    BOOST_TEST(has(permissions(), "scaicore:view"));
    BOOST_TEST(!has(permissions(), "models:use"));
    answer = api.call_as(admin, "PUT", "/v1/users/usr_mia/module-permissions",
                         R"({"permissions":["scaicore:manage"]})");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(has(permissions(), "scaicore:manage"));
    BOOST_TEST(api.call_as(mia, "GET", "/v1/users/usr_mia").data().get("roles").size() == 1u);
    BOOST_TEST(api.call_as(admin, "PUT", "/v1/users/usr_mia/roles", R"({"roles":[]})").status == 200);
    BOOST_TEST(has(permissions(), "models:use"));
    answer = api.call_as(admin, "GET", "/v1/users/usr_mia/module-permissions");
    BOOST_TEST(answer.data().get("permissions").size() == 1u);
    BOOST_TEST(api.call_as(admin, "GET", "/v1/users").data().size() == 1u);
    // Not of this tenant: the same id elsewhere is somebody else.
    const auto twin = api.user_token("usr_mia", "tnt_b");
    BOOST_TEST(!has(api.call_as(twin, "GET", "/v1/me").data().get("permissions"), "scaicore:manage"));
}

BOOST_AUTO_TEST_CASE(nobody_gives_what_reaches_further_than_he_does) {
    test::GridApi api;
    const auto admin = api.user_token("usr_admin", "tnt_a", "tenant_admin");
    const auto root = api.user_token("usr_root", "tnt_a", "super_admin");
    const std::string path = "/v1/users/usr_mia/";
    BOOST_TEST(api.call_as(admin, "PUT", path + "roles", R"({"roles":["super_admin"]})").status == 422);
    BOOST_TEST(api.call_as(root, "PUT", path + "roles", R"({"roles":["super_admin"]})").status == 200);
    for (const auto* body :
         {"{}", R"({"roles":"tenant_admin"})", R"({"roles":["emperor"]})", R"({"roles":[1]})"})
        BOOST_TEST(api.call_as(admin, "PUT", path + "roles", body).status == 422, body);
    for (const auto* body : {"{}", R"({"permissions":["scaicore:everything"]})", R"({"permissions":{}})"})
        BOOST_TEST(api.call_as(admin, "PUT", path + "module-permissions", body).status == 422, body);
    // Who may manage users and nothing else gives nothing else.
    api.db().sql("INSERT INTO scaigrid.users (tenant_id, id, module_permissions) "
                 "VALUES ('tnt_a', 'usr_hr', '{users:manage,api_keys:manage}')");
    const auto hr = api.user_token("usr_hr", "tnt_a");
    BOOST_TEST(
        api.call_as(hr, "PUT", path + "module-permissions", R"({"permissions":["scaicore:admin"]})").status ==
        422);
    BOOST_TEST(api.call_as(hr, "PUT", "/v1/users/usr_hr/roles", R"({"roles":["tenant_admin"]})").status ==
               422);
    BOOST_TEST(api.call_as(hr, "PUT", path + "roles", R"({"roles":["tenant_user"]})").status == 200);
    BOOST_TEST(
        api.call_as(hr, "POST", "/v1/api-keys", R"({"name":"n","assigned_user_id":"usr_root"})").status ==
        403);
    const auto plain = api.user_token("usr_plain", "tnt_a");
    BOOST_TEST(api.call_as(plain, "GET", "/v1/users").status == 403);
    BOOST_TEST(api.call_as(plain, "GET", "/v1/users/usr_mia").status == 403);
    BOOST_TEST(api.call_as(plain, "GET", "/v1/users/usr_plain").status == 404); // nothing is kept
    BOOST_TEST(api.call_as(plain, "PUT", path + "roles", R"({"roles":[]})").status == 403);
}

BOOST_AUTO_TEST_SUITE_END()
