// A misspelt member of a body is named, on every route that takes one: the tables themselves are walked.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/audit/handlers.hpp"
#include "handlers/scaivault/auth/handlers.hpp"
#include "handlers/scaivault/identity/handlers.hpp"
#include "handlers/scaivault/policies/handlers.hpp"
#include "handlers/scaivault/rotation/handlers.hpp"
#include "handlers/scaivault/secrets/handlers.hpp"
#include "handlers/scaivault/subscriptions/handlers.hpp"
#include "handlers/scaivault/webhooks/handlers.hpp"
#include "tests/support/vault_api.hpp"

#include <boost/test/unit_test.hpp>

#include <array>

namespace {

struct TakesBodies {
    const char* name;
    std::span<const scaivault::Endpoint> (*routes)();
};
constexpr std::array takes_bodies{
    TakesBodies{"audit", scaivault::audit_api::routes},
    TakesBodies{"auth", scaivault::auth_api::routes},
    TakesBodies{"identity", scaivault::identity_api::routes},
    TakesBodies{"policies", scaivault::policies_api::routes},
    TakesBodies{"rotation", scaivault::rotation_api::routes},
    TakesBodies{"secrets", scaivault::secrets_api::routes},
    TakesBodies{"subscriptions", scaivault::subscriptions_api::routes},
    TakesBodies{"webhooks", scaivault::webhooks_api::routes},
};

/// "/v1/x/{id}" with something in the braces.
std::string some_target(std::string_view pattern) {
    std::string out;
    bool inside = false;
    for (const char c : pattern) {
        if (c == '{')
            out += "some";
        inside = c == '{' || (inside && c != '}');
        if (!inside && c != '}')
            out += c;
    }
    return out;
}

struct Walk {
    test::VaultApi api{"auth", scaivault::auth_api::routes()};
    std::string token;

    Walk() {
        api.add_tenant("t1", "p1");
        api.add_user("t1", "usr_root", "root@x.test");
        api.add_role("t1", "usr_root", "super_admin");
        token = api.user_token(
            "usr_root", "t1",
            "secrets:read secrets:write secrets:delete secrets:list secrets:rotate policies:read "
            "policies:write audit:read audit:export subscriptions:read subscriptions:write "
            "identity:read identity:admin admin");
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(handlers_scaivault_members, Walk)

BOOST_AUTO_TEST_CASE(every_route_names_a_member_it_does_not_know) {
    int asked = 0;
    for (const auto& group : takes_bodies) {
        test::VaultApi other(api, group.name, group.routes());
        for (const auto& row : group.routes()) {
            // RFC 8693 lets a request bring what a server does not know; events are ScaiKey's. Bodies of
            // secrets are read after the policies: see the tests of secrets.
            if (row.route.max_body == 0 || row.members == scaivault::any_members)
                continue;
            const auto what = std::string(row.route.method) + " " + std::string(row.route.pattern);
            const auto answer =
                other.call_as(token, std::string(row.route.method), some_target(row.route.pattern),
                              R"({"surely_unknown":1,"nor_this":{}})");
            if (row.members.empty() && answer.status == 400) // a body is refused as such
                continue;
            BOOST_TEST(answer.status == 422, what << ": " << answer.body);
            BOOST_TEST(answer.code() == "validation_error", what);
            const auto fields = answer.details().get("fields");
            bool named = false;
            fields.each_item([&](const scai::json::Value& field) {
                named = named || (field.member("field") == "surely_unknown" &&
                                  field.member("message").find("is unknown") == 0);
            });
            BOOST_TEST(named, what << ": " << answer.body);
            ++asked;
        }
    }
    BOOST_TEST(asked >= 20);
}

BOOST_AUTO_TEST_CASE(a_misspelt_member_is_told_what_there_is) {
    test::VaultApi webhooks(api, "webhooks", scaivault::webhooks_api::routes());
    const auto answer =
        webhooks.call_as(token, "PATCH", "/v1/webhooks/wh_1", R"({"name":"x","secrets":"0123456789abcdef"})");
    BOOST_TEST(answer.status == 422);
    BOOST_TEST(
        answer.json.get("error").member("message") ==
        "secrets: is unknown: there are name, url, secret, previous_secret_ttl, events, filters, enabled");
    BOOST_TEST(answer.body.find("0123456789abcdef") == std::string::npos);
    BOOST_TEST(webhooks.trail("webhook_update").size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_policy_that_was_read_can_be_written_back) {
    test::VaultApi policies(api, "policies", scaivault::policies_api::routes());
    const auto made =
        policies.call_as(token, "POST", "/v1/policies",
                         R"({"name":"p","rules":[{"path_pattern":"a/**","permissions":["read"]}]})");
    BOOST_TEST_REQUIRE(made.status == 201, made.body);
    const auto target = "/v1/policies/" + made.json.member("id");
    const auto read = policies.call_as(token, "GET", target);
    const auto written = policies.call_as(token, "PUT", target, read.body);
    BOOST_TEST(written.status == 200, written.body);
    BOOST_TEST(policies.call_as(token, "PATCH", target, R"({"is_activ":false})").status == 422);
}

BOOST_AUTO_TEST_SUITE_END()
