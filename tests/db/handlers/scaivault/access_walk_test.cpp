// Every route of every group, called by everybody who must not: the tables themselves are walked, so a new
// row is in the walk the moment it is in a table. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/audit/handlers.hpp"
#include "handlers/scaivault/auth/handlers.hpp"
#include "handlers/scaivault/identity/handlers.hpp"
#include "handlers/scaivault/policies/handlers.hpp"
#include "handlers/scaivault/rotation/handlers.hpp"
#include "handlers/scaivault/secrets/handlers.hpp"
#include "handlers/scaivault/subscriptions/handlers.hpp"
#include "handlers/scaivault/system/handlers.hpp"
#include "handlers/scaivault/webhooks/handlers.hpp"
#include "tests/support/vault_api.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <map>
#include <memory>

namespace {

using scai::web::Access;
using scaivault::Endpoint;
using test::VaultAnswer;
using test::VaultApi;

struct Group {
    const char* name;
    std::span<const Endpoint> (*routes)();
};
constexpr std::array groups{
    Group{"audit", scaivault::audit_api::routes},
    Group{"auth", scaivault::auth_api::routes},
    Group{"identity", scaivault::identity_api::routes},
    Group{"policies", scaivault::policies_api::routes},
    Group{"rotation", scaivault::rotation_api::routes},
    Group{"secrets", scaivault::secrets_api::routes},
    Group{"subscriptions", scaivault::subscriptions_api::routes},
    Group{"system", scaivault::system_api::routes},
    Group{"webhooks", scaivault::webhooks_api::routes},
};

constexpr const char* every_scope =
    "secrets:read secrets:write secrets:delete secrets:list secrets:rotate policies:read policies:write "
    "audit:read audit:export "
    "subscriptions:read subscriptions:write identity:read identity:admin admin";
constexpr const char* canary = "canary-5f1d9c";

/// Two partners; t1 and t1b belong to p1, t2 to p2. t1 has things, the others want them.
class World {
public:
    World() {
        for (const auto& group : groups)
            apis_.push_back(apis_.empty()
                                ? std::make_unique<VaultApi>(group.name, group.routes())
                                : std::make_unique<VaultApi>(*apis_.front(), group.name, group.routes()));
        auto& api = *apis_.front();
        api.add_tenant("t1", "p1");
        api.add_tenant("t1b", "p1");
        api.add_tenant("t2", "p2");
        api.add_user("t1", "usr_plain", "plain@t1.test");
        api.add_user("t1", "usr_partner", "partner@t1.test");
        api.add_role("t1", "usr_partner", "partner_admin");
        api.add_user("t1", "usr_super", "super@t1.test");
        api.add_role("t1", "usr_super", "super_admin");
        api.add_user("t1", "usr_gone", "gone@t1.test");
        api.db().sql("UPDATE scaivault.users SET status = 'SUSPENDED' WHERE id = 'usr_gone'");
        for (const auto* tenant : {"t1", "t1b", "t2"})
            api.allow(tenant, "sa:owner", "**", {"admin"});
        api.allow("partner/p1", "sa:owner", "**", {"admin"});
    }

    std::vector<std::unique_ptr<VaultApi>>& apis() { return apis_; }
    VaultApi& front() { return *apis_.front(); }
    VaultApi& of(std::string_view group) {
        for (std::size_t i = 0; i < groups.size(); ++i)
            if (groups[i].name == group)
                return *apis_[i];
        throw std::logic_error("no such group");
    }
    std::string owner(const std::string& tenant) {
        return front().service_token("owner", tenant, every_scope);
    }
    std::string plain() { return front().user_token("usr_plain", "t1", every_scope); }

private:
    std::vector<std::unique_ptr<VaultApi>> apis_;
};

bool guarded(const Endpoint& row) {
    const auto kind = row.route.access.kind();
    return kind != Access::Kind::open && kind != Access::Kind::signature;
}

/// The pattern with something in the place of its parameters.
std::string target_of(std::string_view pattern,
                      const std::map<std::string, std::string, std::less<>>& ids = {}) {
    std::string out;
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern[at] != '{') {
            out += pattern[at++];
            continue;
        }
        const auto end = pattern.find('}', at);
        std::string value = pattern.substr(at, end - at).ends_with("...") ? "apps/one" : "none";
        // The longest prefix that names an object of this kind.
        for (const auto& [prefix, id] : ids)
            if (pattern.substr(0, at) == prefix)
                value = id;
        out += value;
        at = end + 1;
    }
    return out;
}

std::string body_of(const Endpoint& row) {
    return row.route.max_body == scai::web::no_body ? "" : "{}";
}

/// Calls the row as somebody; what must come back.
struct Intruder {
    const char* name;
    std::string token;
    VaultApi::Headers headers;
    std::string prefix; ///< "/v1/t/x" instead of "/v1"
    int status;
    const char* code;
};

VaultAnswer call(VaultApi& api, const Endpoint& row, const Intruder& who) {
    auto target = target_of(row.route.pattern);
    if (!who.prefix.empty())
        target = who.prefix + target.substr(3);
    const std::string method(row.route.method);
    return who.token.empty() ? api.call(method, target, body_of(row), who.headers)
                             : api.call_as(who.token, method, target, body_of(row), who.headers);
}

/// One of everything a tenant can have, with the canary in its name.
struct Thing {
    const char* group;
    const char* collection;
    std::string body;
};
const std::string named = std::string(R"({"name":")") + canary + R"(",)";
const std::array things{
    Thing{"policies", "/v1/policies",
          named + R"("rules":[{"path_pattern":"apps/**","permissions":["read"]}]})"},
    Thing{"rotation", "/v1/rotation/policies", named + R"("interval":"30d"})"},
    Thing{
        "rotation", "/v1/secret-policies",
        named +
            R"("policy_type":"password","fields":[{"name":"p","generator":"random","config":{"length":24}}]})"},
    Thing{
        "webhooks", "/v1/webhooks",
        named +
            R"("url":"https://hooks.example.test/v","secret":"0123456789abcdef0123456789abcdef","events":["secret.created"]})"},
    Thing{"subscriptions", "/v1/subscriptions",
          named + R"("paths":["apps/**"],"events":["secret.created"],"delivery":{"type":"polling"}})"},
};

std::size_t rows_of_trail(World& world) {
    return std::stoul(world.front().db().value("SELECT count(*) FROM scaivault.audit_log"));
}

} // namespace

BOOST_AUTO_TEST_SUITE(handlers_scaivault_access_walk)

BOOST_AUTO_TEST_CASE(every_route_refuses_who_may_not_and_says_why_and_leaves_a_row) {
    World world;
    auto& api = world.front();
    const auto now = scai::unix_seconds(api.clock.now());
    const auto expired = api.token(scai::json::Value::object({{"sub", "usr_plain"},
                                                              {"tenant_id", "t1"},
                                                              {"scope", every_scope},
                                                              {"iat", now - 7200},
                                                              {"exp", now - 3600}}));
    const std::array intruders{
        Intruder{"nobody", "", {}, "", 401, "authentication_required"},
        Intruder{"garbage", "garbage", {}, "", 401, "token_invalid"},
        Intruder{"expired", expired, {}, "", 401, "token_expired"},
        Intruder{"suspended", api.user_token("usr_gone", "t1", every_scope), {}, "", 401, "token_revoked"},
        Intruder{"forged header", world.plain(), {{"x-tenant-id", "t2"}}, "", 403, "tenant_access_denied"},
        Intruder{"forged header, same partner",
                 world.plain(),
                 {{"x-tenant-id", "t1b"}},
                 "",
                 403,
                 "tenant_access_denied"},
        Intruder{"forged path", world.plain(), {}, "/v1/t/t2", 403, "tenant_access_denied"},
        Intruder{"service beyond its tenant",
                 world.owner("t1"),
                 {{"x-tenant-id", "t2"}},
                 "",
                 403,
                 "tenant_access_denied"},
        Intruder{"partner admin beyond the partner",
                 api.user_token("usr_partner", "t1", every_scope),
                 {},
                 "/v1/t/t2",
                 403,
                 "tenant_access_denied"},
        Intruder{"super admin in no tenant",
                 api.user_token("usr_super", "t1", every_scope),
                 {},
                 "/v1/t/t9",
                 404,
                 "tenant_not_found"},
    };
    for (std::size_t g = 0; g < groups.size(); ++g)
        for (const auto& row : groups[g].routes()) {
            if (!guarded(row))
                continue;
            for (const auto& who : intruders) {
                const auto before = rows_of_trail(world);
                const auto answer = call(*world.apis()[g], row, who);
                BOOST_TEST_CONTEXT(row.route.method << " " << row.route.pattern << " by " << who.name) {
                    BOOST_TEST(answer.status == who.status);
                    BOOST_TEST(answer.code() == who.code);
                    BOOST_TEST(rows_of_trail(world) - before == (row.action.empty() ? 0U : 1U));
                }
            }
        }
}

BOOST_AUTO_TEST_CASE(every_scope_is_asked_for) {
    World world;
    const auto none = world.front().service_token("owner", "t1", "");
    for (std::size_t g = 0; g < groups.size(); ++g)
        for (const auto& row : groups[g].routes()) {
            if (row.route.access.kind() != Access::Kind::permission)
                continue;
            const auto answer = call(*world.apis()[g], row, Intruder{"no scope", none, {}, "", 403, ""});
            BOOST_TEST_CONTEXT(row.route.method << " " << row.route.pattern) {
                BOOST_TEST(answer.status == 403);
                BOOST_TEST(answer.code() == "insufficient_scope");
            }
        }
}

BOOST_AUTO_TEST_CASE(a_person_without_admin_role_manages_nothing_whatever_the_token_says) {
    World world;
    for (std::size_t g = 0; g < groups.size(); ++g)
        for (const auto& row : groups[g].routes()) {
            const auto scope = row.route.access.name();
            if (row.route.access.kind() != Access::Kind::permission || scope.starts_with("secrets:") ||
                scope.starts_with("subscriptions:") || scope == "policies:read" || scope == "identity:read")
                continue;
            const auto answer =
                call(*world.apis()[g], row, Intruder{"plain", world.plain(), {}, "", 403, ""});
            BOOST_TEST_CONTEXT(row.route.method << " " << row.route.pattern) {
                BOOST_TEST(answer.status == 403);
                BOOST_TEST(answer.code() == "insufficient_scope");
            }
        }
}

BOOST_AUTO_TEST_CASE(nothing_of_a_tenant_is_seen_or_changed_from_another) {
    World world;
    const auto owner = world.owner("t1");
    auto& secrets = world.of("secrets");
    const auto value =
        std::string(R"({"data":{"k":")") + canary + R"("},"metadata":{"description":")" + canary + R"("}})";
    BOOST_REQUIRE(secrets.call_as(owner, "PUT", "/v1/secrets/apps/one", value).status == 201);
    BOOST_REQUIRE(secrets.call_as(owner, "PUT", "/v1/secrets/apps/" + std::string("two"), value).status ==
                  201);
    std::map<std::string, std::string, std::less<>> ids;
    for (const auto& thing : things) {
        const auto made = world.of(thing.group).call_as(owner, "POST", thing.collection, thing.body);
        BOOST_REQUIRE_MESSAGE(made.status == 201, thing.collection << ": " << made.body);
        ids[std::string(thing.collection) + "/"] = made.json.member("id");
    }
    for (const auto* tenant : {"t2", "t1b"}) {
        const auto intruder = world.owner(tenant);
        for (std::size_t g = 0; g < groups.size(); ++g)
            for (const auto& row : groups[g].routes()) {
                if (!guarded(row))
                    continue;
                const auto answer = world.apis()[g]->call_as(intruder, std::string(row.route.method),
                                                             target_of(row.route.pattern, ids), body_of(row));
                BOOST_TEST_CONTEXT(row.route.method << " " << row.route.pattern << " from " << tenant) {
                    BOOST_TEST(answer.status < 500);
                    BOOST_TEST(answer.body.find(canary) == std::string::npos);
                    // A trail that is not there is an empty one.
                    const bool names_an_object = row.route.pattern.find('{') != std::string_view::npos &&
                                                 !row.route.pattern.starts_with("/v1/audit/");
                    if (names_an_object && row.route.method != "PUT")
                        BOOST_TEST(answer.status >= 400);
                }
            }
    }
    const auto still = secrets.call_as(owner, "GET", "/v1/secrets/apps/one");
    BOOST_TEST(still.status == 200);
    BOOST_TEST(still.json.get("version").integer().value_or(0) == 1);
    BOOST_TEST(still.body.find(canary) != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
