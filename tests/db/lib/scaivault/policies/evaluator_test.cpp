// The live check against a real database: a change counts for the very next request, loads are shared, memory
// is bounded. SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/policies/evaluator.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/postgres.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

using scaivault::Caller;
using scaivault::policies::Evaluator;
using scaivault::policies::Permission;

namespace {

constexpr auto read_apps = R"([{"path_pattern":"apps/**","permissions":["read"]}])";

struct Vault {
    test::Database db = test::migrated_database("scaivault");
    scai::db::Pool pool{db.settings("scaivault_policies")};
    scai::test::FakeClock clock;
    Evaluator evaluator{pool, clock};

    void policy(const std::string& owner, const std::string& id, const std::string& rules,
                const std::string& active = "true") const {
        db.sql(
            "INSERT INTO scaivault.policies (tenant_id, id, name, rules, is_active, created_by) VALUES ('" +
            owner + "', '" + id + "', 'name of " + id + "', '" + rules + "', " + active + ", 'test')");
        bump(owner);
    }
    void bind(const std::string& owner, const std::string& id, const std::string& identity,
              const std::string& expires = "NULL") const {
        db.sql("INSERT INTO scaivault.policy_bindings (tenant_id, id, policy_id, identity_type, identity_id, "
               "expires_at, "
               "created_by) VALUES ('" +
               owner + "', 'bnd_" + id + identity + "', '" + id + "', 'user', '" + identity + "', " +
               expires + ", 'test')");
        bump(owner);
    }
    void bump(const std::string& owner) const {
        db.sql("INSERT INTO scaivault.policy_generations AS g (tenant_id) VALUES ('" + owner +
               "') ON CONFLICT (tenant_id) DO UPDATE SET generation = g.generation + 1");
    }
    std::int64_t generation(const std::string& owner) const {
        const auto text =
            db.value("SELECT generation FROM scaivault.policy_generations WHERE tenant_id = '" + owner + "'");
        return text.empty() ? 0 : std::stoll(text);
    }
    Caller caller(const std::string& identity) const {
        Caller out;
        out.identity = identity;
        out.identity_type = "user";
        out.tenant_id = "t1";
        out.partner_id = "p1";
        out.source_ip = "10.1.0.9";
        out.tenant_policies = generation("t1");
        out.partner_policies = generation("partner/p1");
        return out;
    }
    bool may(const Caller& who, const char* path = "apps/x", Permission permission = Permission::read) {
        return evaluator.decide(who, path, permission).allowed;
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaivault_policies_evaluator)

BOOST_AUTO_TEST_CASE(without_policies_nothing_is_allowed_and_nothing_is_read) {
    Vault vault;
    const auto mia = vault.caller("user:mia");
    BOOST_TEST(mia.tenant_policies == 0);
    BOOST_TEST(vault.evaluator.decide(mia, "apps/x", Permission::read).reason == "no_policy_bound");
    BOOST_TEST(vault.evaluator.owners() == 0U);
}

BOOST_AUTO_TEST_CASE(a_change_counts_for_the_very_next_request) {
    Vault vault;
    vault.policy("t1", "pol_1", read_apps);
    BOOST_TEST(!vault.may(vault.caller("user:mia")));
    vault.bind("t1", "pol_1", "user:mia");
    BOOST_TEST(vault.may(vault.caller("user:mia")));
    BOOST_TEST(!vault.may(vault.caller("user:bob")));
    vault.db.sql("DELETE FROM scaivault.policy_bindings");
    vault.bump("t1");
    BOOST_TEST(!vault.may(vault.caller("user:mia")));
}

BOOST_AUTO_TEST_CASE(a_set_is_kept_until_the_generation_is_another_one) {
    Vault vault;
    vault.policy("t1", "pol_1", read_apps);
    vault.bind("t1", "pol_1", "user:mia");
    const auto first = vault.evaluator.set("t1", 2);
    BOOST_TEST(vault.evaluator.set("t1", 2) == first);
    BOOST_TEST(vault.evaluator.set("t1", 1) == first); // an older request uses the newer set
    vault.bump("t1");
    BOOST_TEST(vault.evaluator.set("t1", 3) != first);
}

BOOST_AUTO_TEST_CASE(policies_of_the_partner_count_too) {
    Vault vault;
    vault.policy("partner/p1", "pol_p", R"([{"path_pattern":"shared/**","permissions":["read"]}])");
    vault.bind("partner/p1", "pol_p", "user:mia");
    vault.policy("t1", "pol_1", read_apps);
    vault.bind("t1", "pol_1", "user:mia");
    const auto mia = vault.caller("user:mia");
    BOOST_TEST(vault.may(mia, "shared/a"));
    BOOST_TEST(vault.may(mia, "apps/a"));
    BOOST_TEST(!vault.may(mia, "other/a"));
    auto stranger = mia;
    stranger.partner_id = "p2";
    stranger.partner_policies = vault.generation("partner/p2");
    BOOST_TEST(!vault.may(stranger, "shared/a"));
    const auto told = vault.evaluator.explain(mia, {.identities = {"user:mia"},
                                                    .path = "other/a",
                                                    .permission = Permission::read,
                                                    .context = mia.context(vault.clock.now())});
    BOOST_TEST(told.trace.size() == 2U);
    BOOST_TEST(scaivault::policies::evaluated_policies(told).dump() == R"(["pol_1","pol_p"])");
}

BOOST_AUTO_TEST_CASE(the_reason_is_of_the_policy_that_came_nearest) {
    Vault vault;
    vault.policy("t1", "pol_1", read_apps);
    vault.bind("t1", "pol_1", "user:mia");
    vault.policy(
        "partner/p1", "pol_p",
        R"([{"path_pattern":"db/**","permissions":["read"],"conditions":{"ip_ranges":["192.168.0.0/16"]}}])");
    vault.bind("partner/p1", "pol_p", "user:mia");
    const auto decision = vault.evaluator.decide(vault.caller("user:mia"), "db/x", Permission::read);
    BOOST_TEST(decision.reason == "condition_failed");
    BOOST_TEST(decision.failed_condition == "ip_not_allowed");
}

BOOST_AUTO_TEST_CASE(a_binding_ends_on_time_without_a_new_generation) {
    Vault vault;
    vault.policy("t1", "pol_1", read_apps);
    vault.bind("t1", "pol_1", "user:mia",
               "to_timestamp(" + std::to_string(scai::unix_seconds(vault.clock.now()) + 60) + ")");
    const auto mia = vault.caller("user:mia");
    BOOST_TEST(vault.may(mia));
    vault.clock.advance(std::chrono::seconds(60));
    BOOST_TEST(!vault.may(mia));
}

BOOST_AUTO_TEST_CASE(inactive_and_unreadable_policies_give_nothing) {
    Vault vault;
    vault.policy("t1", "pol_off", read_apps, "false");
    vault.bind("t1", "pol_off", "user:mia");
    vault.policy("t1", "pol_bad",
                 R"([{"path_pattern":"apps/**","permissions":["read"],"conditions":{"ip":"x"}}])");
    vault.bind("t1", "pol_bad", "user:mia");
    BOOST_TEST(!vault.may(vault.caller("user:mia")));
}

BOOST_AUTO_TEST_CASE(a_narrowed_token_reaches_its_paths_only) {
    Vault vault;
    vault.policy("t1", "pol_1", read_apps);
    vault.bind("t1", "pol_1", "user:mia");
    auto mia = vault.caller("user:mia");
    mia.allowed_paths = {"apps/web/**", "shared/*"};
    BOOST_TEST(vault.may(mia, "apps/web/token"));
    BOOST_TEST(!vault.may(mia, "apps/db/token"));
    BOOST_TEST(!vault.may(mia, "shared/x")); // no policy gives it
    BOOST_TEST(vault.evaluator.decide(mia, "apps/db/token", Permission::read).reason == "outside_token");
    mia.allowed_paths = {"/broken"};
    BOOST_TEST(!vault.may(mia, "apps/web/token"));
}

BOOST_AUTO_TEST_CASE(a_403_tells_the_trace_to_readers_of_policies_only) {
    Vault vault;
    vault.policy("t1", "pol_1", R"([{"path_pattern":"apps/*","permissions":["read"]}])");
    vault.bind("t1", "pol_1", "user:mia");
    auto mia = vault.caller("user:mia");
    const auto plain = vault.evaluator.allow(mia, "apps/a/b", Permission::read);
    BOOST_REQUIRE(!plain);
    BOOST_TEST(plain.error().code == "access_denied");
    BOOST_TEST(plain.error().details.find("trace") == std::string::npos);
    BOOST_TEST(plain.error().details.find("pol_1") == std::string::npos);
    mia.scopes = {"policies:read"};
    const auto told = vault.evaluator.allow(mia, "apps/a/b", Permission::read);
    BOOST_REQUIRE(!told);
    const auto details = scai::json::parse(told.error().details).value();
    BOOST_TEST(details.get("trace").size() == 1U);
    BOOST_TEST(details.get("nearest_miss").member("hint") == "would match as apps/**");
    BOOST_TEST(static_cast<bool>(vault.evaluator.allow(mia, "apps/a", Permission::read)));
}

BOOST_AUTO_TEST_CASE(owners_used_least_are_forgotten_when_it_gets_too_much) {
    Vault vault;
    Evaluator small(vault.pool, vault.clock, 10);
    for (int i = 0; i < 8; ++i) {
        const auto owner = "o" + std::to_string(i);
        vault.policy(owner, "pol_" + owner, read_apps);
        vault.bind(owner, "pol_" + owner, "user:mia");
    }
    for (int i = 0; i < 8; ++i)
        small.set("o" + std::to_string(i), 2);
    BOOST_TEST(small.owners() == 3U); // a rule, a binding and the set itself weigh 3
    const auto kept = small.set("o7", 2);
    small.set("o0", 2);
    BOOST_TEST(small.set("o7", 2) == kept);
}

BOOST_AUTO_TEST_CASE(requests_that_come_at_once_share_a_load) {
    Vault vault;
    vault.policy("t1", "pol_1", read_apps);
    vault.bind("t1", "pol_1", "user:mia");
    const auto mia = vault.caller("user:mia");
    std::vector<std::thread> threads;
    std::atomic<int> allowed{0};
    std::vector<std::shared_ptr<const scaivault::policies::PolicySet>> sets(8);
    for (std::size_t i = 0; i < sets.size(); ++i)
        threads.emplace_back([&, i] {
            sets[i] = vault.evaluator.set("t1", 2);
            allowed += vault.may(mia) ? 1 : 0;
        });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(allowed == 8);
    for (const auto& set : sets)
        BOOST_TEST(set == sets[0]);
}

BOOST_AUTO_TEST_CASE(who_cannot_read_the_policies_does_not_decide) {
    Vault vault;
    vault.policy("t1", "pol_1", read_apps);
    vault.bind("t1", "pol_1", "user:mia");
    // A server that lags behind has an older generation than the request saw.
    auto mia = vault.caller("user:mia");
    mia.tenant_policies += 5;
    BOOST_CHECK_THROW(vault.may(mia), scai::db::Unavailable);
    vault.db.sql("REVOKE SELECT ON scaivault.policies FROM scaivault_policies");
    mia.tenant_policies += 5;
    BOOST_CHECK_THROW(vault.may(mia), scai::db::Error);
    vault.db.sql("GRANT SELECT ON scaivault.policies TO scaivault_policies");
    mia.tenant_policies = vault.generation("t1");
    BOOST_TEST(vault.may(mia)); // and the failure left nothing stuck
}

BOOST_AUTO_TEST_SUITE_END()
