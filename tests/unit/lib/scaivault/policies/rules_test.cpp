// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/policies/rules.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

using namespace scaivault::policies;
using namespace std::chrono_literals;

namespace {

scai::UtcTime at(const char* text) {
    return *scai::parse_iso8601(text);
}

Rule rule(const char* pattern, std::initializer_list<Permission> permissions, const char* conditions = "{}") {
    Rule out{.pattern = *Pattern::parse(pattern), .permissions = 0, .conditions = {}};
    for (const auto permission : permissions)
        out.permissions = static_cast<Permissions>(out.permissions | static_cast<Permissions>(permission));
    out.conditions = *parse_conditions(*scai::json::parse(conditions), "conditions");
    return out;
}

Policy policy(const char* id, std::vector<Rule> rules) {
    return {.id = id, .name = std::string("name of ") + id, .active = true, .rules = std::move(rules)};
}

Query query(std::vector<std::string> who, const char* path, Permission permission) {
    return {.identities = std::move(who),
            .path = path,
            .permission = permission,
            .context = {
                .source_ip = "10.1.2.3", .mfa_verified_at = std::nullopt, .now = at("2026-05-20T10:00:00Z")}};
}

bool same(const Decision& a, const Decision& b) {
    return a.allowed == b.allowed && a.policy_id == b.policy_id && a.rule == b.rule && a.reason == b.reason &&
           a.failed_condition == b.failed_condition && a.pattern == b.pattern;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaivault_policies)

BOOST_AUTO_TEST_CASE(nothing_bound_means_no) {
    const PolicySet set({policy("pol_1", {rule("**", {Permission::admin})})}, {});
    const auto decision = set.decide(query({"user:mia"}, "a", Permission::read));
    BOOST_TEST(!decision.allowed);
    BOOST_TEST(decision.reason == "no_policy_bound");
}

BOOST_AUTO_TEST_CASE(a_group_binding_gives_what_the_policy_gives) {
    const PolicySet set({policy("pol_1", {rule("apps/**", {Permission::read})})},
                        {{"bnd_1", "pol_1", "group:ops", std::nullopt}});
    const auto yes = set.decide(query({"user:mia", "group:ops"}, "apps/x", Permission::read));
    BOOST_TEST(yes.allowed);
    BOOST_TEST(yes.policy_id == "pol_1");
    BOOST_TEST(yes.pattern == "apps/**");
    BOOST_TEST(set.decide(query({"user:mia", "group:ops"}, "apps/x", Permission::write)).reason ==
               "permission_missing");
    BOOST_TEST(set.decide(query({"user:mia", "group:ops"}, "infra/x", Permission::read)).reason ==
               "no_rule_matches");
}

BOOST_AUTO_TEST_CASE(admin_is_every_permission) {
    const PolicySet set({policy("pol_1", {rule("apps/*", {Permission::admin})})},
                        {{"bnd_1", "pol_1", "user:mia", std::nullopt}});
    for (const auto permission : {Permission::read, Permission::write, Permission::remove, Permission::list,
                                  Permission::rotate, Permission::admin})
        BOOST_TEST(set.decide(query({"user:mia"}, "apps/x", permission)).allowed);
}

BOOST_AUTO_TEST_CASE(an_expired_binding_or_an_inactive_policy_gives_nothing) {
    auto off = policy("pol_2", {rule("**", {Permission::read})});
    off.active = false;
    const PolicySet set({policy("pol_1", {rule("**", {Permission::read})}), off},
                        {{"bnd_1", "pol_1", "user:mia", at("2026-05-20T10:00:00Z")},
                         {"bnd_2", "pol_2", "user:mia", std::nullopt}});
    const auto decision = set.explain(query({"user:mia"}, "a", Permission::read));
    BOOST_TEST(!decision.allowed);
    BOOST_TEST(decision.reason == "no_policy_bound");
    BOOST_TEST_REQUIRE(decision.trace.size() == 2U);
    BOOST_TEST((decision.trace[0].step == Step::expired));
    BOOST_TEST((decision.trace[1].step == Step::inactive));
}

BOOST_AUTO_TEST_CASE(a_condition_that_fails_is_named) {
    const PolicySet set(
        {policy("pol_1", {rule("a/*", {Permission::read}, R"({"ip_ranges":["192.168.0.0/16"]})"),
                          rule("b/*", {Permission::read}, R"({"require_mfa":true})"),
                          rule("c/*", {Permission::read},
                               R"({"time_window":{"start":"22:00","end":"06:00","timezone":"UTC"}})")})},
        {{"bnd_1", "pol_1", "user:mia", std::nullopt}});
    const auto failed = [&](const char* path) {
        return std::string(set.decide(query({"user:mia"}, path, Permission::read)).failed_condition);
    };
    BOOST_TEST(failed("a/x") == "ip_not_allowed");
    BOOST_TEST(failed("b/x") == "mfa_required");
    BOOST_TEST(failed("c/x") == "time_window_violation");
    auto with_mfa = query({"user:mia"}, "b/x", Permission::read);
    with_mfa.context.mfa_verified_at = with_mfa.context.now - 14min;
    BOOST_TEST(set.decide(with_mfa).allowed);
    with_mfa.context.mfa_verified_at = with_mfa.context.now - 16min;
    BOOST_TEST(!set.decide(with_mfa).allowed);
}

BOOST_AUTO_TEST_CASE(the_trace_says_what_would_have_matched) {
    const PolicySet set(
        {policy("pol_1", {rule("apps/*", {Permission::read}), rule("apps/demo/login", {Permission::read}),
                          rule("app/demo/token", {Permission::read}), rule("apps/**", {Permission::list})})},
        {{"bnd_1", "pol_1", "sa:batcher", std::nullopt}});
    const auto decision = set.explain(query({"sa:batcher"}, "apps/demo/token", Permission::read));
    BOOST_TEST(!decision.allowed);
    BOOST_TEST(decision.reason == "permission_missing");
    BOOST_TEST_REQUIRE(decision.trace.size() == 4U);
    BOOST_TEST(decision.trace[0].hint == "would match as apps/**");
    BOOST_TEST(decision.trace[1].hint == "");
    BOOST_TEST(decision.trace[2].hint == "has app where the path has apps");
    BOOST_TEST(decision.trace[3].hint == "the rule does not give read");
    BOOST_TEST(decision.trace[3].bound_through == "sa:batcher");
}

BOOST_AUTO_TEST_CASE(who_can_lists_everybody_once_a_rule) {
    const PolicySet set({policy("pol_1", {rule("apps/**", {Permission::read})}),
                         policy("pol_2", {rule("apps/x", {Permission::admin}, R"({"require_mfa":true})")})},
                        {{"bnd_1", "pol_1", "group:ops", std::nullopt},
                         {"bnd_2", "pol_2", "user:mia", std::nullopt},
                         {"bnd_3", "pol_1", "user:old", at("2020-01-01T00:00:00Z")}});
    const auto who = set.who_can("apps/x", Permission::read, at("2026-05-20T10:00:00Z"));
    BOOST_TEST_REQUIRE(who.size() == 2U);
    BOOST_TEST(who[0].identity == "group:ops");
    BOOST_TEST(!who[0].conditional);
    BOOST_TEST(who[1].identity == "user:mia");
    BOOST_TEST(who[1].conditional);
}

BOOST_AUTO_TEST_CASE(a_misspelt_condition_is_refused_not_ignored) {
    for (const char* text :
         {R"({"ip_range":["10.0.0.0/8"]})", R"({"ip_ranges":[]})", R"({"ip_ranges":["10.1.2.3/8"]})",
          R"({"require_mfa":"yes"})", R"({"mfa_max_age":"soon"})",
          R"({"time_window":{"start":"8","end":"18:00"}})",
          R"({"time_window":{"start":"08:00","end":"18:00","timezone":"Mars/Olympus"}})",
          R"({"time_window":{"start":"08:00","end":"18:00","days":["funday"]}})",
          R"({"time_window":{"start":"08:00","end":"18:00","zone":"UTC"}})", R"([])", R"("x")"}) {
        const auto parsed = parse_conditions(*scai::json::parse(text), "rules[0].conditions");
        BOOST_TEST_REQUIRE(!parsed, text);
        BOOST_TEST(parsed.error().fields.front().path.starts_with("rules[0].conditions"));
    }
}

BOOST_AUTO_TEST_CASE(networks_hold_their_addresses_and_no_others) {
    const auto in = [](const char* network, const char* address) {
        return parse_network(network)->contains(*parse_address(address));
    };
    BOOST_TEST(in("10.1.0.0/16", "10.1.255.255"));
    BOOST_TEST(!in("10.1.0.0/16", "10.2.0.0"));
    BOOST_TEST(in("10.1.0.0/16", "::ffff:10.1.2.3"));
    BOOST_TEST(in("0.0.0.0/0", "8.8.8.8"));
    BOOST_TEST(!in("0.0.0.0/0", "2001:db8::1"));
    BOOST_TEST(in("2001:db8::/33", "2001:db8:7fff::1"));
    BOOST_TEST(!in("2001:db8::/33", "2001:db8:8000::1"));
    BOOST_TEST(in("192.0.2.1", "192.0.2.1"));
    BOOST_TEST(!parse_network("10.0.0.0/33"));
    BOOST_TEST(!parse_network("10.0.0.0/"));
    BOOST_TEST(!parse_network("010.0.0.1"));
}

BOOST_AUTO_TEST_CASE(a_window_follows_its_zone_over_midnight_and_summer_time) {
    TimeWindow window{
        .start = 22h, .end = 6h, .days = 1U << 4U, .timezone = "Europe/Amsterdam"}; // Friday night
    BOOST_TEST(window.contains(at("2026-05-22T20:30:00Z")));                        // Friday 22:30
    BOOST_TEST(window.contains(at("2026-05-23T03:59:00Z")));                        // Saturday 05:59
    BOOST_TEST(!window.contains(at("2026-05-23T04:00:00Z")));                       // Saturday 06:00
    BOOST_TEST(!window.contains(at("2026-05-23T20:30:00Z")));                       // Saturday 22:30
    BOOST_TEST(!window.contains(at("2026-01-16T20:30:00Z"))); // Friday 21:30, winter time
    BOOST_TEST(window.contains(at("2026-01-16T21:30:00Z")));
}

BOOST_AUTO_TEST_CASE(lint_names_what_its_author_did_not_mean) {
    const auto found =
        lint(policy("pol_1", {rule("apps/**", {Permission::read, Permission::write}),
                              rule("apps/x", {Permission::read}), rule("apps/x", {Permission::remove}),
                              rule("**", {Permission::write}), rule("a/*.key", {Permission::read}),
                              rule("b", {Permission::read}, R"({"ip_ranges":["0.0.0.0/0"]})"),
                              rule("apps/x", {Permission::remove})}));
    std::vector<std::string> codes;
    for (const auto& finding : found)
        codes.push_back(std::to_string(finding.rule) + " " + finding.code);
    const std::vector<std::string> expected{"1 unreachable_rule", "3 over_broad", "4 never_matches",
                                            "5 useless_condition", "6 duplicate_rule"};
    BOOST_TEST(codes == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(decide_and_explain_agree_however_many_policies_there_are) {
    std::mt19937 random(7);
    const auto below = [&](std::size_t n) { return random() % n; };
    static constexpr const char* patterns[] = {"a/**",  "a/*", "**/b",   "a/b/c",
                                               "*/b/*", "**",  "b/**/c", "a?/b*"};
    static constexpr const char* paths[] = {"a", "a/b", "a/b/c", "b/c", "b/x/c", "ab/bc", "c"};
    for (const std::size_t bound : {3U, 200U}) {
        std::vector<Policy> policies;
        std::vector<Binding> bindings;
        for (std::size_t p = 0; p < 300; ++p) {
            std::vector<Rule> rules;
            for (auto n = below(3); n > 0; --n)
                rules.push_back(rule(patterns[below(8)], {static_cast<Permission>(1U << below(6))},
                                     below(3) == 0 ? R"({"require_mfa":true})" : "{}"));
            policies.push_back(policy(("pol_" + std::to_string(p)).c_str(), rules));
            policies.back().active = below(10) != 0;
            if (p < bound)
                bindings.push_back(
                    {"bnd_" + std::to_string(p), policies.back().id, below(2) == 0 ? "user:a" : "group:g",
                     below(5) == 0 ? std::optional(at("2026-01-01T00:00:00Z")) : std::nullopt});
        }
        const PolicySet set(policies, bindings);
        for (const auto* path : paths)
            for (unsigned bit = 0; bit < 6; ++bit)
                for (const auto& who :
                     {std::vector<std::string>{"user:a"}, {"user:a", "group:g"}, {"user:z"}}) {
                    const auto q = query(who, path, static_cast<Permission>(1U << bit));
                    BOOST_TEST_REQUIRE(same(set.decide(q), set.explain(q)), path << " " << bit);
                }
    }
}

BOOST_AUTO_TEST_SUITE_END()
