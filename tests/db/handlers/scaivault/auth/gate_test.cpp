// The gate as every group has it: tokens, tenants, scopes, buckets, and the row of every request.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/auth/handlers.hpp"
#include "tests/support/vault_api.hpp"

#include <boost/test/unit_test.hpp>

using scai::json::Value;
using test::VaultApi;

namespace {

/// Two partners; t1 and t2 belong to p1, t3 to p2.
struct World : VaultApi {
    explicit World(Settings settings = {})
        : VaultApi("auth", scaivault::auth_api::routes(), std::move(settings)) {
        add_tenant("t1", "p1");
        add_tenant("t2", "p1");
        add_tenant("t3", "p2");
        add_user("t1", "usr_mia", "mia@x.test");
        add_user("t1", "usr_boss", "boss@x.test");
        add_role("t1", "usr_boss", "tenant_admin");
        add_user("t1", "usr_partner", "partner@x.test");
        add_role("t1", "usr_partner", "partner_admin");
        add_user("t1", "usr_root", "root@x.test");
        add_role("t1", "usr_root", "super_admin");
    }
    test::VaultAnswer whoami(const std::string& token, const std::string& prefix = "/v1",
                             Headers headers = {}) {
        return call_as(token, "GET", prefix + "/auth/whoami", "", std::move(headers));
    }
    std::string mia(const std::string& scopes = "secrets:read") const {
        return user_token("usr_mia", "t1", scopes);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(db_scaivault_gate)

BOOST_AUTO_TEST_CASE(whoami_says_who_the_caller_is) {
    World world;
    world.add_group("t1", "grp_ops", "ops");
    world.add_member("t1", "grp_ops", "usr_mia");
    const auto answer = world.whoami(world.mia());
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.json.member("identity_id") == "user:mia@x.test");
    BOOST_TEST(answer.json.member("identity") == "user:usr_mia");
    BOOST_TEST(answer.json.member("identity_type") == "user");
    BOOST_TEST(answer.json.member("display_name") == "Name of usr_mia");
    BOOST_TEST(answer.json.member("tenant_id") == "t1");
    BOOST_TEST(answer.json.member("partner_id") == "p1");
    BOOST_TEST(answer.json.get("scopes").dump() == R"(["secrets:read"])");
    BOOST_TEST(answer.json.get("groups").dump() == R"(["group:ops"])");
    BOOST_TEST(answer.json.get("group_ids").dump() == R"(["group:grp_ops"])");
    BOOST_TEST(answer.json.get("roles").size() == 0U);
    BOOST_TEST(answer.json.get("mfa_verified_at").is_null());
    BOOST_TEST(answer.json.member("token_expires_at") == "2026-05-20T09:00:00Z");
    BOOST_TEST(answer.headers.at("X-Request-ID").starts_with("req_"));
}

BOOST_AUTO_TEST_CASE(a_service_account_is_named_by_its_client) {
    World world;
    const auto answer = world.whoami(world.service_token("batcher", "t1", "secrets:read admin"));
    BOOST_TEST(answer.json.member("identity_id") == "sa:batcher");
    BOOST_TEST(answer.json.member("identity_type") == "service_account");
    BOOST_TEST(answer.json.get("scopes").dump() == R"(["secrets:read","admin"])");
}

BOOST_AUTO_TEST_CASE(every_bad_token_has_its_code) {
    World world;
    const auto code = [&](const std::string& token) {
        const auto answer = world.whoami(token);
        BOOST_TEST(answer.status == 401);
        BOOST_TEST(answer.headers.at("WWW-Authenticate").starts_with("Bearer"));
        return answer.code();
    };
    BOOST_TEST(world.call("GET", "/v1/auth/whoami").code() == "authentication_required");
    BOOST_TEST(world.call("GET", "/v1/auth/whoami", "", {{"authorization", "Basic YTpi"}}).code() ==
               "authentication_required");
    BOOST_TEST(code("nonsense") == "token_invalid");
    BOOST_TEST(code(world.mia() + "x") == "token_invalid");
    BOOST_TEST(code("scai_live_abc") == "token_invalid");
    BOOST_TEST(code("skt_unknown") == "token_invalid");
    const auto claims = [&](std::initializer_list<std::pair<const char*, Value>> more) {
        auto out = Value::object({{"sub", "usr_mia"}, {"tenant_id", "t1"}, {"scope", "secrets:read"}});
        for (const auto& [name, value] : more)
            out.set(name, value);
        return world.token(out);
    };
    BOOST_TEST(code(claims({{"exp", world.clock.seconds() - 61}})) == "token_expired");
    BOOST_TEST(code(claims({{"aud", "somebody-else"}})) == "token_invalid");
    BOOST_TEST(code(claims({{"iss", "https://evil.test"}})) == "token_invalid");
    BOOST_TEST(code(claims({{"tenant_id", "*"}})) == "token_invalid");
    BOOST_TEST(code(claims({{"tenant_id", "partner/p1"}})) == "token_invalid");
    BOOST_TEST(code(claims({{"tenant_id", ""}})) == "token_invalid");
    BOOST_TEST(code(claims({{"sub", "usr mia"}})) == "token_invalid");
    const auto good = world.mia();
    BOOST_TEST(world.whoami(good).status == 200);
    world.clock.advance(std::chrono::minutes(62));
    BOOST_TEST(code(good) == "token_expired");
}

BOOST_AUTO_TEST_CASE(who_is_disabled_or_deleted_is_out_at_once) {
    World world;
    const auto token = world.mia();
    BOOST_TEST(world.whoami(token).status == 200);
    world.db().sql("UPDATE scaivault.users SET status = 'SUSPENDED' WHERE id = 'usr_mia'");
    BOOST_TEST(world.whoami(token).code() == "token_revoked");
    world.db().sql("UPDATE scaivault.users SET status = 'ACTIVE', deleted_at = now() WHERE id = 'usr_mia'");
    BOOST_TEST(world.whoami(token).code() == "token_revoked");
    world.db().sql("UPDATE scaivault.users SET deleted_at = NULL WHERE id = 'usr_mia'");
    BOOST_TEST(world.whoami(token).status == 200);
    world.db().sql("UPDATE scaivault.tenants SET status = 'SUSPENDED' WHERE id = 't1'");
    BOOST_TEST(world.whoami(token).code() == "tenant_access_denied");
}

BOOST_AUTO_TEST_CASE(a_tenant_is_chosen_by_path_before_header_before_claim) {
    World world;
    const auto partner = world.user_token("usr_partner", "t1", "secrets:read");
    BOOST_TEST(world.whoami(partner).json.member("tenant_id") == "t1");
    BOOST_TEST(world.whoami(partner, "/v1", {{"x-tenant-id", "t2"}}).json.member("tenant_id") == "t2");
    const auto both = world.whoami(partner, "/v1/t/t2", {{"x-tenant-id", "t1"}});
    BOOST_TEST(both.json.member("tenant_id") == "t2");
    BOOST_TEST(both.json.member("home_tenant_id") == "t1");
    BOOST_TEST(both.json.member("partner_id") == "p1");
}

BOOST_AUTO_TEST_CASE(a_forged_choice_of_tenant_is_refused) {
    World world;
    const auto denied = [&](const std::string& token, const std::string& tenant) {
        const auto by_header = world.whoami(token, "/v1", {{"x-tenant-id", tenant}});
        const auto by_path = world.whoami(token, "/v1/t/" + tenant);
        BOOST_TEST(by_header.status == by_path.status);
        BOOST_TEST(by_header.code() == by_path.code());
        return by_header.code();
    };
    BOOST_TEST(denied(world.mia(), "t2") == "tenant_access_denied");
    BOOST_TEST(denied(world.mia(), "nowhere") == "tenant_access_denied"); // says nothing about what exists
    BOOST_TEST(denied(world.user_token("usr_boss", "t1", "admin"), "t2") == "tenant_access_denied");
    BOOST_TEST(denied(world.user_token("usr_partner", "t1", "admin"), "t3") == "tenant_access_denied");
    BOOST_TEST(denied(world.user_token("usr_root", "t1", "admin"), "nowhere") == "tenant_not_found");
    BOOST_TEST(world.whoami(world.user_token("usr_root", "t1", "admin"), "/v1/t/t3").status == 200);
    BOOST_TEST(denied(world.service_token("batcher", "t1", "admin"), "t2") == "tenant_access_denied");
    for (const char* odd : {"*", "partner/p1", "t1,t2", "t 1"})
        BOOST_TEST(
            world.whoami(world.user_token("usr_root", "t1", "admin"), "/v1", {{"x-tenant-id", odd}}).code() ==
            "tenant_not_found");
    BOOST_TEST(world.whoami(world.mia(), "/v1/t/t1").status == 200); // his own may be said out loud
}

BOOST_AUTO_TEST_CASE(a_service_of_the_platform_names_a_tenant) {
    World world;
    const auto token = world.service_token("scaiflow", "", "secrets:read admin");
    BOOST_TEST(world.whoami(token).json.get("tenant_id").is_null());
    BOOST_TEST(world.whoami(token, "/v1/t/t3").json.member("tenant_id") == "t3");
    BOOST_TEST(world.call_as(token, "POST", "/v1/auth/introspect", R"({"token":"x"})").code() ==
               "invalid_request");
    auto claims = Value::object({{"sub", "odd"},
                                 {"client_id", "odd"},
                                 {"app_scope", "PARTNER"},
                                 {"partner_id", "p1"},
                                 {"scope", "secrets:read"}});
    BOOST_TEST(world.whoami(world.token(claims), "/v1/t/t2").status == 200);
    BOOST_TEST(world.whoami(world.token(claims), "/v1/t/t3").code() == "tenant_access_denied");
    claims.set("app_scope", "TENANT");
    BOOST_TEST(world.whoami(world.token(claims), "/v1/t/t2").code() == "tenant_access_denied");
}

BOOST_AUTO_TEST_CASE(scopes_of_administration_count_with_a_role_only) {
    World world;
    const std::string all = "secrets:read policies:read policies:write audit:read admin";
    BOOST_TEST(world.whoami(world.mia(all)).json.get("scopes").dump() ==
               R"(["secrets:read","policies:read"])");
    BOOST_TEST(world.whoami(world.user_token("usr_boss", "t1", all)).json.get("scopes").size() == 5U);
    const auto refused = world.call_as(world.mia(all), "POST", "/v1/auth/introspect", R"({"token":"x"})");
    BOOST_TEST(refused.status == 403);
    BOOST_TEST(refused.code() == "insufficient_scope");
    BOOST_TEST(refused.details().member("required_scope") == "admin");
    // The token has it, so that is not what is missing.
    BOOST_TEST(refused.json.get("error").member("message").find("admin role") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(before_the_first_synchronisation_only_the_way_there_is_open) {
    World world;
    const auto stranger = world.user_token("usr_new", "t9", "secrets:read admin");
    const auto answer = world.whoami(stranger);
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.json.member("identity_id") == "user:usr_new");
    BOOST_TEST(
        world.call_as(world.service_token("s", "t9", "admin"), "POST", "/v1/auth/introspect", "{}").code() ==
        "tenant_not_found");
}

BOOST_AUTO_TEST_CASE(a_second_factor_is_read_from_the_token) {
    World world;
    const auto mfa = [&](std::initializer_list<std::pair<const char*, Value>> more) {
        auto claims = Value::object({{"sub", "usr_mia"}, {"tenant_id", "t1"}, {"scope", ""}});
        for (const auto& [name, value] : more)
            claims.set(name, value);
        return world.whoami(world.token(claims)).json.get("mfa_verified_at").text_or("null");
    };
    const auto now = world.clock.seconds();
    BOOST_TEST(mfa({}) == "null");
    BOOST_TEST(mfa({{"auth_time", now - 60}}) == "null");
    BOOST_TEST(mfa({{"auth_time", now - 60}, {"amr", Value::array({"pwd"})}}) == "null");
    BOOST_TEST(mfa({{"auth_time", now - 60}, {"amr", Value::array({"pwd", "otp"})}}) ==
               "2026-05-20T07:59:00Z");
    BOOST_TEST(mfa({{"mfa_verified_at", "2026-05-20T07:00:00Z"}}) == "2026-05-20T07:00:00Z");
}

BOOST_AUTO_TEST_CASE(opaque_tokens_are_asked_about_once_a_minute) {
    World world;
    const auto claims = Value::object({{"active", true},
                                       {"sub", "usr_mia"},
                                       {"tenant_id", "t1"},
                                       {"scope", "secrets:read"},
                                       {"exp", world.clock.seconds() + 86400}});
    world.world->opaque["skt_good"] = claims;
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(world.whoami("skt_good").json.member("identity") == "user:usr_mia");
    BOOST_TEST(world.world->introspections == 1);
    world.world->scaikey_down = true;
    BOOST_TEST(world.whoami("skt_good").status == 200); // still believed
    const auto unknown = world.whoami("skt_other");
    BOOST_TEST(unknown.status == 503);
    BOOST_TEST(unknown.code() == "service_unavailable");
    world.clock.advance(std::chrono::seconds(61));
    BOOST_TEST(world.whoami("skt_good").status == 503); // not known any more
    world.world->scaikey_down = false;
    BOOST_TEST(world.whoami("skt_good").status == 200);
    world.world->opaque.erase("skt_good");
    world.clock.advance(std::chrono::seconds(61));
    BOOST_TEST(world.whoami("skt_good").code() == "token_revoked");
    BOOST_TEST(world.whoami("skt_never").code() == "token_invalid");
    world.world->opaque["skt_foreign"] = Value(claims).set("aud", "somebody-else");
    BOOST_TEST(world.whoami("skt_foreign").code() == "token_invalid");
    // Answers are shared with nobody: another token is another question.
    world.world->opaque["skt_old"] = Value::object(
        {{"active", true}, {"sub", "usr_mia"}, {"tenant_id", "t1"}, {"exp", world.clock.seconds() - 1}});
    BOOST_TEST(world.whoami("skt_old").code() == "token_expired");
}

BOOST_AUTO_TEST_CASE(a_bucket_has_its_headers_and_its_end) {
    World world(VaultApi::Settings{{"RATE_LIMIT_AUTH", "3"}});
    const auto token = world.mia();
    const auto first = world.whoami(token);
    BOOST_TEST(first.headers.at("X-RateLimit-Limit") == "3");
    BOOST_TEST(first.headers.at("X-RateLimit-Remaining") == "2");
    BOOST_TEST(!first.headers.at("X-RateLimit-Reset").empty());
    BOOST_TEST(world.whoami(token).status == 200);
    BOOST_TEST(world.whoami(token).status == 200);
    const auto over = world.whoami(token);
    BOOST_TEST(over.status == 429);
    BOOST_TEST(over.code() == "rate_limited");
    BOOST_TEST(over.details().member("category") == "auth");
    BOOST_TEST(over.headers.count("Retry-After") == 1U);
    BOOST_TEST(over.json.get("error").member("message") ==
               "more than 3 requests a minute of the category auth: try again in " +
                   over.headers.at("Retry-After") + " s");
    BOOST_TEST(world.context().metrics.render().find(
                   "scaivault_rate_limit_hits_total{binary=\"scaivault-auth\",category=\"auth\"} 1\n") !=
               std::string::npos);
    BOOST_TEST(over.headers.at("X-RateLimit-Remaining") == "0");
    BOOST_TEST(world.whoami(world.user_token("usr_boss", "t1", "")).status == 200); // his own bucket
    world.clock.advance(std::chrono::seconds(21));
    BOOST_TEST(world.whoami(token).status == 200);
}

BOOST_AUTO_TEST_CASE(guessing_draws_from_the_bucket_of_the_address) {
    World world(VaultApi::Settings{{"RATE_LIMIT_AUTH", "2"}});
    BOOST_TEST(world.whoami("nonsense").status == 401);
    BOOST_TEST(world.call("GET", "/v1/auth/whoami").status == 401);
    BOOST_TEST(world.whoami("nonsense").status == 429);
    BOOST_TEST(world.whoami(world.mia()).status == 200); // who has a token is not the address
    world.source_ip = "10.9.9.9";
    BOOST_TEST(world.whoami("nonsense").status == 401);
}

BOOST_AUTO_TEST_CASE(every_request_leaves_a_row_denied_ones_too) {
    World world;
    world.whoami(world.mia());
    world.call("GET", "/v1/auth/whoami");
    world.whoami(world.mia(), "/v1/t/t2");
    world.call("GET", "/v1/auth/nothing"); // no route, no action, no row
    const auto rows = world.trail("whoami");
    BOOST_TEST_REQUIRE(rows.size() == 3U);
    using Row = std::vector<std::string>;
    BOOST_TEST(rows[0] == (Row{"t1", "user:mia@x.test", "", "t", "{}"}), boost::test_tools::per_element());
    BOOST_TEST(rows[1] == (Row{"", "anonymous", "", "f", R"({"error": "authentication_required"})"}),
               boost::test_tools::per_element());
    BOOST_TEST(rows[2] == (Row{"t1", "user:usr_mia", "", "f", R"({"error": "tenant_access_denied"})"}),
               boost::test_tools::per_element());
    BOOST_TEST(world.db().value("SELECT count(*) FROM scaivault.audit_log") == "3");
    BOOST_TEST(world.db().value("SELECT source_ip || ' ' || (request_id LIKE 'req_%') FROM "
                                "scaivault.audit_log LIMIT 1") == "10.1.0.9 true");
}

BOOST_AUTO_TEST_CASE(no_answer_leaves_without_its_row) {
    World world;
    const auto token = world.mia();
    world.db().sql("REVOKE INSERT ON scaivault.audit_log FROM scaivault_auth");
    const auto answer = world.whoami(token);
    BOOST_TEST(answer.status >= 500);
    BOOST_TEST(answer.body.find("mia") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(requests_are_counted_by_path_and_status) {
    World world;
    world.whoami(world.mia());
    world.call("GET", "/v1/auth/whoami");
    const auto text = world.context().metrics.render();
    for (
        const char* line :
        {R"(scaivault_requests_total{binary="scaivault-auth",method="GET",path_category="auth",status="200"} 1)",
         R"(scaivault_requests_total{binary="scaivault-auth",method="GET",path_category="auth",status="401"} 1)",
         R"(scaivault_active_requests{binary="scaivault-auth",path_category="auth"} 0)"})
        BOOST_TEST(text.find(line) != std::string::npos, line << " in " << text);
}

BOOST_AUTO_TEST_CASE(introspection_shows_what_the_gate_would_see) {
    World world;
    const auto boss = world.user_token("usr_boss", "t1", "admin");
    const auto look = [&](const std::string& token) {
        return world.call_as(boss, "POST", "/v1/auth/introspect", Value::object({{"token", token}}).dump());
    };
    const auto answer = look(world.mia("secrets:read admin"));
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.json.get("active").boolean().value());
    BOOST_TEST(answer.json.member("identity_id") == "user:mia@x.test");
    BOOST_TEST(answer.json.member("tenant_id") == "t1");
    BOOST_TEST(answer.json.get("scopes").dump() == R"(["secrets:read"])");
    BOOST_TEST(answer.json.member("expires_at") == "2026-05-20T09:00:00Z");
    BOOST_TEST(answer.json.member("issued_at") == "2026-05-20T08:00:00Z");
    for (const auto& token :
         {std::string("nonsense"), world.service_token("s", "t2", "admin"),
          world.token(Value::object(
              {{"sub", "usr_mia"}, {"tenant_id", "t1"}, {"exp", world.clock.seconds() - 100}}))})
        BOOST_TEST(look(token).body == R"({"active":false})");
    world.db().sql("UPDATE scaivault.users SET status = 'DISABLED' WHERE id = 'usr_mia'");
    BOOST_TEST(look(world.mia()).body == R"({"active":false})");
    BOOST_TEST(world.call_as(boss, "POST", "/v1/auth/introspect", "{}").code() == "validation_error");
}

BOOST_AUTO_TEST_SUITE_END()
