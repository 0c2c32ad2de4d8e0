// A change in ScaiKey travels by webhook into the mirror, with the real delivery job, signature and receiver.
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/stack.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using scai::json::Value;

struct NewUser {
    std::string id, email, password = "correct horse battery staple 7";
};

test::Stack::Response key_call(const std::string& method, const std::string& path,
                               const Value& body = Value::object()) {
    auto& stack = test::stack();
    const bool has_body = method == "POST" || method == "PATCH";
    return stack.send(method, stack.key_url() + path, has_body ? body.dump() : "",
                      {test::bearer(stack.admin_token()), {"Content-Type", "application/json"}});
}

std::string demo_tenant() {
    return test::stack().sql("SELECT tenant_id FROM scaikey.users WHERE email = '" +
                             test::demo_member().email + "'");
}

/// A user of ScaiKey made for one case.
NewUser make_user(const std::string& name) {
    NewUser user;
    const auto member = test::demo_member().email;
    user.email = name + member.substr(member.find('@'));
    const auto answer = key_call("POST", "/api/v1/admin/users/",
                                 Value::object({{"email", user.email},
                                                {"display_name", name},
                                                {"password", user.password},
                                                {"tenant_id", demo_tenant()}}));
    BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
    const auto body = scai::json::parse(answer.body).value();
    user.id = body.get("data").present() ? body.get("data").member("id") : body.member("id");
    BOOST_TEST_REQUIRE(!user.id.empty());
    return user;
}

/// The mirror's view of a user: "" while it has no such row, "null" for NULL.
std::string mirrored(const std::string& expression, const std::string& user_id) {
    return test::stack().sql("SELECT coalesce((" + expression +
                             ")::text, 'null') FROM scaiflow.users WHERE id = '" + user_id + "'");
}

/// Cron delivers within a second or so.
bool becomes(const std::string& expression, const std::string& user_id, const std::string& wanted) {
    return test::eventually([&] { return mirrored(expression, user_id) == wanted; },
                            std::chrono::seconds(30));
}

int status_of_me(const std::string& token) {
    return test::stack().get("/v1/me", {test::bearer(token)}).status;
}

} // namespace

BOOST_AUTO_TEST_SUITE(api_scaiflow_directory_changes)

BOOST_AUTO_TEST_CASE(a_new_user_is_mirrored_and_renamed_and_removed) {
    test::stack().hurry_cron();
    const auto user = make_user("travel");
    BOOST_TEST(becomes("email", user.id, user.email));
    const auto path = "/api/v1/admin/users/" + user.id;
    BOOST_TEST(key_call("PATCH", path, Value::object({{"display_name", "Traveller"}})).status == 200);
    BOOST_TEST(becomes("display_name", user.id, "Traveller"));
    BOOST_TEST(key_call("DELETE", path).status == 204);
    BOOST_TEST(becomes("deleted_at IS NOT NULL", user.id, "true"));
}

BOOST_AUTO_TEST_CASE(a_suspended_user_loses_access_and_gets_it_back) {
    auto& stack = test::stack();
    stack.hurry_cron();
    const auto user = make_user("suspended");
    BOOST_TEST_REQUIRE(becomes("status", user.id, "ACTIVE"));
    const auto token = stack.sign_in(user.email, user.password).access_token;
    BOOST_TEST(status_of_me(token) == 200);
    BOOST_TEST(key_call("POST", "/api/v1/admin/users/" + user.id + "/suspend").status == 200);
    BOOST_TEST_REQUIRE(becomes("upper(status) <> 'ACTIVE'", user.id, "true"));
    // No second of grace: the mirror is read on every request, on every process.
    for (int i = 0; i < 20; ++i)
        BOOST_TEST(status_of_me(token) == 401);
    BOOST_TEST(key_call("POST", "/api/v1/admin/users/" + user.id + "/activate").status == 200);
    BOOST_TEST_REQUIRE(becomes("status", user.id, "ACTIVE"));
    BOOST_TEST(status_of_me(token) == 200);
}

BOOST_AUTO_TEST_CASE(joining_and_leaving_the_admins_group_changes_the_role_at_once) {
    auto& stack = test::stack();
    stack.hurry_cron();
    const auto user = make_user("climber");
    BOOST_TEST_REQUIRE(becomes("status", user.id, "ACTIVE"));
    const auto group = stack.sql("SELECT id FROM scaikey.groups WHERE name = '" + test::demo_admins_group() +
                                 "' AND tenant_id = '" + demo_tenant() + "' AND deleted_at IS NULL");
    BOOST_TEST_REQUIRE(!group.empty());
    const auto members = "/api/v1/admin/groups/" + group + "/members";
    BOOST_TEST(key_call("POST", members, Value::object({{"user_id", user.id}})).status / 100 == 2);
    BOOST_TEST(becomes("admin_role", user.id, "super_admin"));
    BOOST_TEST(key_call("DELETE", members + "/" + user.id).status == 204);
    BOOST_TEST(becomes("admin_role", user.id, "null"));
}

BOOST_AUTO_TEST_CASE(what_a_lost_webhook_left_out_the_next_sweep_brings) {
    auto& stack = test::stack();
    stack.service("stop", "cron-scaikey-job-deliver");
    const auto user = make_user("lost");
    stack.sql("DELETE FROM scaikey.deliveries");
    stack.service("start", "cron-scaikey-job-deliver");
    BOOST_TEST(mirrored("email", user.id) == "");
    const auto sweep = stack.program("scaiflow-job-sync", {"--json"});
    BOOST_TEST(sweep.status == 0, sweep.all());
    BOOST_TEST(mirrored("email", user.id) == user.email);
    // Nothing left to do: the same sweep again changes nothing.
    const auto again = scai::json::parse(stack.program("scaiflow-job-sync", {"--json"}).out);
    BOOST_TEST_REQUIRE(static_cast<bool>(again));
    for (const char* counter : {"users_added", "users_soft_deleted", "groups_added", "groups_soft_deleted",
                                "memberships_added", "memberships_soft_deleted"})
        BOOST_TEST(again->get(counter).integer().value_or(-1) == 0, counter);
}

BOOST_AUTO_TEST_CASE(a_sweep_asked_for_over_the_api_says_what_it_did) {
    auto& stack = test::stack();
    const auto admin = test::demo_admin();
    const auto token = stack.sign_in(admin.email, admin.password).access_token;
    const auto answer = stack.post("/v1/admin/sync", Value::object(), {test::bearer(token)});
    BOOST_TEST(answer.status == 200, answer.body);
    const auto body = scai::json::parse(answer.body);
    BOOST_TEST_REQUIRE(static_cast<bool>(body));
    BOOST_TEST(body->get("skipped_reason").is_null());
    BOOST_TEST(body->member("users_method") == "effective_users");
    BOOST_TEST(body->get("super_admin_count").integer().value_or(0) >= 1);
}

BOOST_AUTO_TEST_SUITE_END()
