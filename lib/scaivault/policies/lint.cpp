// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/policies/rules.hpp"

#include <algorithm>

namespace scaivault::policies {

namespace {

constexpr std::size_t max_segments = 10;

bool never_matches(const Pattern& pattern) {
    std::size_t needed = 0;
    for (const auto& segment : pattern.segments()) {
        if (segment.text.find('.') != std::string::npos)
            return true;
        needed += segment.kind == Pattern::Kind::any ? 0 : 1;
    }
    return needed > max_segments;
}

Permissions effective(Permissions held) {
    return (held & static_cast<Permissions>(Permission::admin)) != 0 ? Permissions{0x3F} : held;
}

/// Everything the later rule gives, the other one gives already.
bool makes_useless(const Rule& rule, const Rule& later) {
    return rule.conditions.empty() && rule.pattern.covers(later.pattern) &&
           (effective(later.permissions) & ~effective(rule.permissions)) == 0;
}

void lint_rule(const Rule& rule, std::size_t index, std::vector<Finding>& out) {
    if (never_matches(rule.pattern))
        out.push_back(
            {"never_matches", index,
             "no path can match " + rule.pattern.text() + ": paths have no dots and at most 10 segments"});
    constexpr auto changing = static_cast<Permissions>(static_cast<Permissions>(Permission::write) |
                                                       static_cast<Permissions>(Permission::remove) |
                                                       static_cast<Permissions>(Permission::admin));
    const auto first = rule.pattern.segments().front().kind;
    if ((first == Pattern::Kind::any || first == Pattern::Kind::one) && (rule.permissions & changing) != 0)
        out.push_back({"over_broad", index,
                       rule.pattern.text() +
                           " lets its holders change secrets everywhere: start with a literal segment"});
    if (std::any_of(rule.conditions.networks.begin(), rule.conditions.networks.end(),
                    [](const Network& network) {
                        return network.prefix == 0 ||
                               (network.prefix == 96 && network.base == *parse_address("0.0.0.0"));
                    }))
        out.push_back({"useless_condition", index, "one of ip_ranges is every address"});
    if (const auto& window = rule.conditions.time_window;
        window && window->start == window->end && window->days == 0x7F)
        out.push_back({"useless_condition", index, "time_window is always open"});
}

} // namespace

std::vector<Finding> lint(const Policy& policy) {
    std::vector<Finding> out;
    for (std::size_t i = 0; i < policy.rules.size(); ++i) {
        lint_rule(policy.rules[i], i, out);
        for (std::size_t j = 0; j < policy.rules.size(); ++j) {
            if (i == j || !makes_useless(policy.rules[j], policy.rules[i]))
                continue;
            if (j > i && makes_useless(policy.rules[i], policy.rules[j]))
                continue; // twins: the later one is named
            out.push_back({policy.rules[i].pattern.text() == policy.rules[j].pattern.text()
                               ? "duplicate_rule"
                               : "unreachable_rule",
                           i,
                           "rule " + std::to_string(j) + " (" + policy.rules[j].pattern.text() +
                               ") gives all of this already"});
            break;
        }
    }
    return out;
}

} // namespace scaivault::policies
