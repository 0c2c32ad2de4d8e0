// Token exchange: whose tokens are believed, and what becomes of them. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/auth/handlers.hpp"
#include "lib/base/strings.hpp"
#include "lib/jose/jose.hpp"
#include "tests/support/vault_api.hpp"

#include <boost/test/unit_test.hpp>

using scai::json::Value;

namespace {

constexpr const char* grant = "urn:ietf:params:oauth:grant-type:token-exchange";
constexpr const char* issuer = "https://ci.test";

const Value& ci_key() {
    static const Value key = scai::jose::generate_key(scai::jose::Algorithm::es256);
    return key;
}

struct World : test::VaultApi {
    explicit World(Settings settings = {})
        : VaultApi("auth", scaivault::auth_api::routes(), std::move(settings)) {
        add_tenant("t1", "p1");
        add_tenant("t2", "p1");
        add_user("t1", "usr_root", "root@x.test");
        add_role("t1", "usr_root", "super_admin");
        add_user("t1", "usr_boss", "boss@x.test");
        add_role("t1", "usr_boss", "tenant_admin");
        world->http =
            [this](const scai::http::Request& request) -> std::optional<scai::Result<scai::http::Response>> {
            if (ci_down || !request.url.starts_with(issuer))
                return std::nullopt;
            (request.public_only ? held : free) += 1;
            scai::http::Response out;
            out.status = 200;
            out.body =
                request.url.ends_with("/jwks.json")
                    ? Value::object({{"keys", Value::array({scai::jose::public_key(ci_key())})}}).dump()
                    : Value::object({{"issuer", issuer}, {"jwks_uri", std::string(issuer) + "/jwks.json"}})
                          .dump();
            return out;
        };
    }

    int held = 0, free = 0; ///< calls to the issuer, by whether they were bound to public addresses

    static Value trust_body() {
        return Value::object(
            {{"name", "ci"},
             {"issuer", issuer},
             {"audience", "scaivault"},
             {"claims", Value::object({{"repository", "acme/app"},
                                       {"ref", Value::array({"refs/heads/main", "refs/tags/*"})}})},
             {"identity", "sa:deployer"},
             {"scopes", Value::array({"secrets:read", "secrets:list"})}});
    }
    test::VaultAnswer add_trust(const Value& body, const std::string& tenant = "t1") {
        return call_as(user_token("usr_root", "t1", "admin"), "POST", "/v1/t/" + tenant + "/auth/trust",
                       body.dump());
    }
    std::string ci_token(std::initializer_list<std::pair<const char*, Value>> more = {},
                         const Value& key = ci_key()) const {
        auto claims = Value::object({{"iss", issuer},
                                     {"aud", "scaivault"},
                                     {"sub", "repo:acme/app"},
                                     {"repository", "acme/app"},
                                     {"ref", "refs/heads/main"},
                                     {"iat", clock.seconds()},
                                     {"exp", clock.seconds() + 300}});
        for (const auto& [name, value] : more)
            claims.set(name, value);
        return scai::jose::sign(claims, key);
    }
    test::VaultAnswer exchange(const std::string& token,
                               std::initializer_list<std::pair<const char*, Value>> more = {}) {
        auto body = Value::object({{"grant_type", grant},
                                   {"subject_token", token},
                                   {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
                                   {"audience", "scaivault"}});
        for (const auto& [name, value] : more)
            body.set(name, value);
        return call("POST", "/v1/auth/exchange", body.dump());
    }
    test::VaultAnswer whoami(const std::string& token) { return call_as(token, "GET", "/v1/auth/whoami"); }
    bool ci_down = false;
};

} // namespace

BOOST_AUTO_TEST_SUITE(db_scaivault_exchange)

BOOST_AUTO_TEST_CASE(a_workload_becomes_the_identity_its_trust_names) {
    World world;
    BOOST_TEST(world.add_trust(World::trust_body()).status == 201);
    const auto answer = world.exchange(world.ci_token());
    BOOST_TEST(answer.status == 200, answer.body);
    BOOST_TEST(answer.json.member("token_type") == "Bearer");
    BOOST_TEST(answer.json.get("expires_in").integer().value() == 3600);
    BOOST_TEST(answer.json.member("identity_id") == "sa:deployer");
    BOOST_TEST(answer.json.member("scope") == "secrets:read secrets:list");
    const auto me = world.whoami(answer.json.member("access_token"));
    BOOST_TEST(me.status == 200, me.body);
    BOOST_TEST(me.json.member("identity_id") == "sa:deployer");
    BOOST_TEST(me.json.member("identity_type") == "service_account");
    BOOST_TEST(me.json.member("tenant_id") == "t1");
    BOOST_TEST(me.json.get("scopes").size() == 2U);
    const auto rows = world.trail("token_exchange");
    BOOST_TEST_REQUIRE(rows.size() == 1U);
    BOOST_TEST(rows[0][0] == "t1");
    BOOST_TEST(rows[0][1] == "sa:deployer");
    BOOST_TEST(rows[0][4].find("repo:acme/app") != std::string::npos);
    // Another process believes it too, and only where it belongs.
    test::VaultApi other(world, "auth", scaivault::auth_api::routes());
    BOOST_TEST(other.call_as(answer.json.member("access_token"), "GET", "/v1/auth/whoami").status == 200);
    BOOST_TEST(other.call_as(answer.json.member("access_token"), "GET", "/v1/t/t2/auth/whoami").code() ==
               "tenant_access_denied");
}

BOOST_AUTO_TEST_CASE(every_claim_that_is_pinned_must_fit) {
    World world;
    BOOST_TEST(world.add_trust(World::trust_body()).status == 201);
    const auto code = [&](std::initializer_list<std::pair<const char*, Value>> more) {
        return world.exchange(world.ci_token(more)).code();
    };
    BOOST_TEST(code({{"ref", "refs/tags/v1"}}) == "");
    BOOST_TEST(code({{"ref", "refs/heads/main2"}}) == "access_denied");
    BOOST_TEST(code({{"repository", "evil/app"}}) == "access_denied");
    BOOST_TEST(code({{"repository", nullptr}}) == "access_denied");
    BOOST_TEST(code({{"repository", "acme/apps"}}) == "access_denied");
    BOOST_TEST(code({{"aud", "somebody-else"}}) == "access_denied");
    BOOST_TEST(code({{"aud", Value::array({"x", "scaivault"})}}) == "");
    BOOST_TEST(code({{"sub", ""}}) == "access_denied");
    BOOST_TEST(code({{"exp", world.clock.seconds() - 61}}) == "token_expired");
    BOOST_TEST(code({{"exp", nullptr}}) == "token_invalid");
    BOOST_TEST(code({{"nbf", world.clock.seconds() + 600}}) == "token_invalid");
    const auto other_role = world.exchange(world.ci_token(), {{"role", "sa:other"}});
    BOOST_TEST(other_role.code() == "token_invalid");
    BOOST_TEST(other_role.body.find("gives that role") != std::string::npos);
    BOOST_TEST(code({{"iss", "https://other.test"}}) == "token_invalid");
}

BOOST_AUTO_TEST_CASE(a_token_of_another_key_is_refused) {
    World world;
    BOOST_TEST(world.add_trust(World::trust_body()).status == 201);
    const auto forged = scai::jose::generate_key(scai::jose::Algorithm::es256);
    BOOST_TEST(world.exchange(world.ci_token({}, forged)).code() == "token_invalid");
    // Nor can it be made to look like one of our own.
    Value named(forged);
    named.set("kid", "svk_madeup");
    auto claims = Value::object({{"iss", "https://vault.test"},
                                 {"sub", "deployer"},
                                 {"client_id", "deployer"},
                                 {"tenant_id", "t1"},
                                 {"exp", world.clock.seconds() + 300}});
    BOOST_TEST(world.whoami(scai::jose::sign(claims, named)).code() == "token_invalid");
}

BOOST_AUTO_TEST_CASE(a_trust_that_is_taken_back_ends_its_tokens) {
    World world;
    const auto id = world.add_trust(World::trust_body()).json.member("id");
    const auto token = world.exchange(world.ci_token()).json.member("access_token");
    BOOST_TEST(world.whoami(token).status == 200);
    const auto root = world.user_token("usr_root", "t1", "admin");
    BOOST_TEST(world.call_as(root, "GET", "/v1/auth/trust").json.get("trusts").size() == 1U);
    BOOST_TEST(world.call_as(root, "DELETE", "/v1/auth/trust/" + id).status == 204);
    BOOST_TEST(world.call_as(root, "DELETE", "/v1/auth/trust/" + id).code() == "trust_not_found");
    world.clock.advance(std::chrono::seconds(61));
    BOOST_TEST(world.whoami(token).code() == "token_revoked");
    BOOST_TEST(world.exchange(world.ci_token()).code() == "token_invalid");
    BOOST_TEST(world.trail("trust_create").size() == 1U);
    BOOST_TEST(world.trail("trust_delete").size() == 2U);
}

BOOST_AUTO_TEST_CASE(an_exchanged_token_ends) {
    World world;
    BOOST_TEST(world.add_trust(World::trust_body().set("max_ttl", "5m")).status == 201);
    const auto answer = world.exchange(world.ci_token());
    BOOST_TEST(answer.json.get("expires_in").integer().value() == 300);
    world.clock.advance(std::chrono::seconds(301));
    BOOST_TEST(world.whoami(answer.json.member("access_token")).code() == "token_expired");
}

BOOST_AUTO_TEST_CASE(scopes_and_paths_can_be_narrowed_and_not_widened) {
    World world;
    BOOST_TEST(world.add_trust(World::trust_body().set("allowed_paths", Value::array({"apps/**"}))).status ==
               201);
    const auto token = world.ci_token();
    const auto narrow =
        world.exchange(token, {{"scope", "secrets:read"}, {"allowed_paths", Value::array({"apps/demo/*"})}});
    BOOST_TEST(narrow.json.member("scope") == "secrets:read");
    BOOST_TEST(world.whoami(narrow.json.member("access_token")).json.get("scopes").size() == 1U);
    BOOST_TEST(world.exchange(token, {{"scope", "secrets:write"}}).code() == "insufficient_scope");
    BOOST_TEST(world.exchange(token, {{"allowed_paths", Value::array({"infra/*"})}}).code() ==
               "access_denied");
    BOOST_TEST(world.exchange(token, {{"allowed_paths", Value::array({"**"})}}).code() == "access_denied");
}

BOOST_AUTO_TEST_CASE(several_trusts_must_be_told_apart) {
    World world;
    BOOST_TEST(world.add_trust(World::trust_body()).status == 201);
    BOOST_TEST(world.add_trust(World::trust_body()).code() == "name_conflict");
    BOOST_TEST(world.add_trust(World::trust_body().set("name", "b").set("identity", "sa:other")).status ==
               201);
    BOOST_TEST(world.add_trust(World::trust_body(), "t2").status == 201);
    const auto token = world.ci_token();
    BOOST_TEST(world.exchange(token).code() == "invalid_request");
    BOOST_TEST(world.exchange(token, {{"role", "sa:other"}}).json.member("identity_id") == "sa:other");
    BOOST_TEST(world.exchange(token, {{"role", "deployer"}}).code() == "invalid_request"); // in two tenants
    BOOST_TEST(
        world.exchange(token, {{"role", "sa:deployer"}, {"tenant_id", "t2"}}).json.member("tenant_id") ==
        "t2");
    BOOST_TEST(world.exchange(token, {{"role", "sa:nobody"}}).code() == "token_invalid");
}

BOOST_AUTO_TEST_CASE(an_issuer_that_is_down_is_no_refusal) {
    World world;
    BOOST_TEST(world.add_trust(World::trust_body()).status == 201);
    world.ci_down = true;
    const auto answer = world.exchange(world.ci_token());
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(answer.code() == "service_unavailable");
}

BOOST_AUTO_TEST_CASE(the_request_itself_is_checked) {
    World world;
    BOOST_TEST(world.exchange("").details().get("fields").at(0).member("field") == "subject_token");
    BOOST_TEST(
        world.exchange("x", {{"grant_type", "password"}}).details().get("fields").at(0).member("field") ==
        "grant_type");
    BOOST_TEST(world.exchange("x", {{"audience", "other"}}).code() == "validation_error");
    BOOST_TEST(world.exchange("x", {{"subject_token_type", "urn:x"}}).code() == "validation_error");
    BOOST_TEST(world.exchange("nonsense").code() == "token_invalid");
    const auto form =
        world.call("POST", "/v1/auth/exchange",
                   "grant_type=" + scai::percent_encode(grant) + "&subject_token=" + world.ci_token(),
                   {{"content-type", "application/x-www-form-urlencoded"}});
    BOOST_TEST(form.code() == "token_invalid"); // understood; no trust yet
}

BOOST_AUTO_TEST_CASE(only_administrators_of_partners_trust) {
    World world;
    const auto body = World::trust_body().dump();
    for (const auto& token :
         {world.user_token("usr_boss", "t1", "admin"), world.service_token("s", "t1", "admin")})
        BOOST_TEST(world.call_as(token, "POST", "/v1/auth/trust", body).code() == "forbidden");
    BOOST_TEST(
        world.call_as(world.user_token("usr_root", "t1", "secrets:read"), "POST", "/v1/auth/trust", body)
            .code() == "insufficient_scope");
}

BOOST_AUTO_TEST_CASE(a_careless_trust_is_refused) {
    World world;
    const auto field = [&](const char* name, const Value& value) {
        const auto answer = world.add_trust(World::trust_body().set(name, value));
        BOOST_TEST(answer.status == 422, name << ": " << answer.body);
        return answer.details().get("fields").at(0).member("field");
    };
    BOOST_TEST(field("claims", Value::object()) == "claims");
    BOOST_TEST(field("claims", Value::object({{"repository", "*"}})) == "claims");
    BOOST_TEST(field("claims", Value::object({{"repository", ""}})) == "claims.repository");
    BOOST_TEST(field("issuer", "http://ci.test") == "issuer");
    BOOST_TEST(field("jwks_url", "ftp://ci.test") == "jwks_url");
    BOOST_TEST(field("audience", "*") == "audience");
    BOOST_TEST(field("identity", "user:root@x.test") == "identity");
    BOOST_TEST(field("identity", "sa:") == "identity");
    BOOST_TEST(field("scopes", Value::array()) == "scopes");
    BOOST_TEST(field("scopes", Value::array({"secret:read"})) == "scopes");
    BOOST_TEST(field("max_ttl", "30d") == "max_ttl");
    BOOST_TEST(field("allowed_paths", Value::array({"/x"})) == "allowed_paths[0]");
}

BOOST_AUTO_TEST_CASE(issuers_inside_this_network_are_not_asked) {
    World world;
    const auto field = [&](const char* name, const char* url) {
        const auto answer = world.add_trust(World::trust_body().set(name, url));
        BOOST_TEST(answer.status == 422, url << ": " << answer.body);
        return answer.details().get("fields").at(0).member("field");
    };
    for (const char* inside : {"https://127.0.0.1/x", "https://10.0.0.7", "https://localhost:8443",
                               "https://[::1]/", "https://169.254.169.254/latest", "https://2130706433/"}) {
        BOOST_TEST(field("issuer", inside) == "issuer", inside);
        BOOST_TEST(field("jwks_url", inside) == "jwks_url", inside);
    }
    // A name can lead anywhere: the address is looked at when it is connected to.
    BOOST_TEST(world.add_trust(World::trust_body()).status == 201);
    BOOST_TEST(world.exchange(world.ci_token()).status == 200);
    BOOST_TEST(world.held > 0);
    BOOST_TEST(world.free == 0);

    World open(test::VaultApi::Settings{{"SCAIVAULT_TRUST_ALLOW_PRIVATE", "1"}});
    BOOST_TEST(
        open.add_trust(World::trust_body().set("jwks_url", "http://10.0.0.7/keys").set("name", "x")).status ==
        201);
    BOOST_TEST(open.add_trust(World::trust_body().set("name", "y").set("identity", "sa:other")).status ==
               201);
    open.exchange(open.ci_token(), {{"role", "sa:other"}});
    BOOST_TEST(open.free > 0);
    BOOST_TEST(open.held == 0);
}

BOOST_AUTO_TEST_SUITE_END()
