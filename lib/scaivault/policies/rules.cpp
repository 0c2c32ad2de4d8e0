// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/policies/rules.hpp"

#include "lib/scaivault/policies/hints.hpp"
#include "lib/scaivault/policies/tree.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace scaivault::policies {

namespace {

constexpr std::array<std::pair<std::string_view, Permission>, 6> permission_names{
    {{"read", Permission::read},
     {"write", Permission::write},
     {"delete", Permission::remove},
     {"list", Permission::list},
     {"rotate", Permission::rotate},
     {"admin", Permission::admin}}};

/// Up to this many rules are tried one by one; the tree of all patterns pays from there on.
constexpr std::size_t few_rules = 256;

} // namespace

std::optional<Permission> permission_of(std::string_view name) {
    for (const auto& [text, permission] : permission_names)
        if (text == name)
            return permission;
    return std::nullopt;
}

std::string_view name_of(Permission permission) {
    for (const auto& [text, value] : permission_names)
        if (value == permission)
            return text;
    return {};
}

bool grants(Permissions held, Permission wanted) {
    return (held & (static_cast<Permissions>(wanted) | static_cast<Permissions>(Permission::admin))) != 0;
}

std::string_view name_of(Step step) {
    switch (step) {
    case Step::allowed:
        return "allowed";
    case Step::inactive:
        return "inactive";
    case Step::expired:
        return "expired";
    case Step::path:
        return "path";
    case Step::permission:
        return "permission";
    case Step::condition:
        return "condition";
    }
    return {};
}

struct PolicySet::Impl {
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    struct RuleRef {
        std::uint32_t policy, rule;
    };
    struct BoundRef {
        std::uint32_t policy;
        const Binding* binding;
    };
    /// What is bound to one identity.
    struct Holder {
        std::vector<BoundRef> refs;
        std::size_t rules = 0;  ///< of the active policies among them
        bool permanent = false; ///< one of these bindings never expires
    };
    /// One identity a policy is bound to.
    struct HeldBy {
        const Holder* holder;
        const Binding* binding;
    };
    using ByIdentity = std::unordered_map<std::string, Holder, TextHash, std::equal_to<>>;

    std::vector<Policy> policies;
    std::vector<Binding> bindings;
    std::vector<RuleRef> rules; ///< in policy and rule order: the values of the tree
    PatternTree tree;
    ByIdentity bound;
    std::vector<std::vector<HeldBy>> held; ///< by policy, ordered by holder

    Impl(std::vector<Policy> given, std::vector<Binding> given_bindings)
        : policies(std::move(given)), bindings(std::move(given_bindings)) {
        std::unordered_map<std::string_view, std::uint32_t> by_id;
        for (std::uint32_t p = 0; p < policies.size(); ++p) {
            by_id.emplace(policies[p].id, p);
            for (std::uint32_t r = 0; r < policies[p].rules.size(); ++r) {
                if (policies[p].active)
                    tree.add(policies[p].rules[r].pattern, static_cast<std::uint32_t>(rules.size()));
                rules.push_back({p, r});
            }
        }
        held.resize(policies.size());
        for (const auto& binding : bindings)
            if (const auto found = by_id.find(binding.policy_id); found != by_id.end())
                hold(found->second, binding);
        for (auto& holders : held)
            std::sort(holders.begin(), holders.end(),
                      [](const HeldBy& a, const HeldBy& b) { return std::less<>()(a.holder, b.holder); });
    }

    void hold(std::uint32_t policy, const Binding& binding) {
        auto& holder = bound[binding.identity];
        holder.refs.push_back({policy, &binding});
        held[policy].push_back({&holder, &binding});
        if (!policies[policy].active)
            return;
        holder.rules += policies[policy].rules.size();
        holder.permanent = holder.permanent || !binding.expires_at;
    }

    /// The caller's policies, each once, in policy order, with its best binding: expired ones come last.
    std::vector<BoundRef> bound_to(const Query& query) const {
        std::vector<BoundRef> out;
        for (const auto& identity : query.identities) {
            const auto found = bound.find(identity);
            if (found == bound.end())
                continue;
            out.insert(out.end(), found->second.refs.begin(), found->second.refs.end());
        }
        std::stable_sort(out.begin(), out.end(), [&](const BoundRef& a, const BoundRef& b) {
            const bool late_a = has_expired(*a.binding, query.context.now);
            const bool late_b = has_expired(*b.binding, query.context.now);
            return a.policy != b.policy ? a.policy < b.policy : late_a < late_b;
        });
        out.erase(std::unique(out.begin(), out.end(),
                              [](const BoundRef& a, const BoundRef& b) { return a.policy == b.policy; }),
                  out.end());
        return out;
    }

    static bool has_expired(const Binding& binding, scai::UtcTime now) {
        return binding.expires_at && *binding.expires_at <= now;
    }

    /// What both decide() and explain() say about one rule whose path is known to match or not.
    static Step judge(const Rule& rule, bool path_matches, const Query& query,
                      std::string_view& failed_condition) {
        if (!path_matches)
            return Step::path;
        if (!grants(rule.permissions, query.permission))
            return Step::permission;
        failed_condition = rule.conditions.failed(query.context);
        return failed_condition.empty() ? Step::allowed : Step::condition;
    }

    /// How far the best rule got decides the reason of a denial.
    static void settle(Decision& decision, Step step, std::string_view failed_condition, const Policy& policy,
                       std::size_t rule) {
        if (decision.allowed)
            return;
        switch (step) {
        case Step::allowed:
            decision.allowed = true;
            decision.policy_id = policy.id;
            decision.rule = rule;
            decision.pattern = policy.rules[rule].pattern.text();
            decision.reason = {};
            decision.failed_condition = {};
            return;
        case Step::condition:
            if (decision.reason != "condition_failed") {
                decision.reason = "condition_failed";
                decision.failed_condition = failed_condition;
            }
            return;
        case Step::permission:
            if (decision.reason != "condition_failed")
                decision.reason = "permission_missing";
            return;
        case Step::path:
        case Step::inactive:
        case Step::expired:
            return;
        }
    }

    Decision decide(const Query& query) const {
        Decision out;
        std::vector<const Holder*> holders;
        std::size_t bound_rules = 0;
        for (const auto& identity : query.identities)
            if (const auto found = bound.find(identity); found != bound.end()) {
                holders.push_back(&found->second);
                bound_rules += found->second.rules;
            }
        if (!any_live(holders, query.context.now)) {
            out.reason = "no_policy_bound";
            return out;
        }
        out.reason = "no_rule_matches";
        if (bound_rules <= few_rules)
            decide_one_by_one(query, holders, out);
        else
            decide_by_tree(query, holders, out);
        return out;
    }

    bool live(const BoundRef& ref, scai::UtcTime now) const {
        return policies[ref.policy].active && !has_expired(*ref.binding, now);
    }

    bool any_live(const std::vector<const Holder*>& holders, scai::UtcTime now) const {
        return std::any_of(holders.begin(), holders.end(), [&](const Holder* holder) {
            return holder->permanent || std::any_of(holder->refs.begin(), holder->refs.end(),
                                                    [&](const BoundRef& ref) { return live(ref, now); });
        });
    }

    bool holds(const std::vector<const Holder*>& holders, std::uint32_t policy, scai::UtcTime now) const {
        const auto& list = held[policy];
        return std::any_of(holders.begin(), holders.end(), [&](const Holder* holder) {
            auto at =
                std::lower_bound(list.begin(), list.end(), holder,
                                 [](const HeldBy& a, const Holder* b) { return std::less<>()(a.holder, b); });
            for (; at != list.end() && at->holder == holder; ++at)
                if (!has_expired(*at->binding, now))
                    return true;
            return false;
        });
    }

    void try_rule(std::uint32_t policy, std::size_t rule, bool matches, const Query& query,
                  Decision& out) const {
        std::string_view failed;
        const auto step = judge(policies[policy].rules[rule], matches, query, failed);
        settle(out, step, failed, policies[policy], rule);
    }

    void decide_one_by_one(const Query& query, const std::vector<const Holder*>& holders,
                           Decision& out) const {
        const auto path = segments_of(query.path);
        std::vector<std::uint32_t> mine;
        for (const auto* holder : holders)
            for (const auto& ref : holder->refs)
                if (live(ref, query.context.now))
                    mine.push_back(ref.policy);
        std::sort(mine.begin(), mine.end());
        mine.erase(std::unique(mine.begin(), mine.end()), mine.end());
        for (const auto policy : mine)
            for (std::size_t r = 0; r < policies[policy].rules.size() && !out.allowed; ++r)
                try_rule(policy, r, policies[policy].rules[r].pattern.matches(path), query, out);
    }

    /// The tree has active policies only.
    void decide_by_tree(const Query& query, const std::vector<const Holder*>& holders, Decision& out) const {
        std::vector<std::uint32_t> matching;
        tree.match(segments_of(query.path), matching);
        std::sort(matching.begin(), matching.end());
        for (const auto index : matching) {
            const auto [policy, rule] = rules[index];
            if (!holds(holders, policy, query.context.now))
                continue;
            try_rule(policy, rule, true, query, out);
            if (out.allowed)
                break;
        }
    }

    Decision explain(const Query& query) const {
        Decision out;
        const auto mine = bound_to(query);
        out.reason = "no_policy_bound";
        const auto path = segments_of(query.path);
        for (const auto& ref : mine) {
            const auto& policy = policies[ref.policy];
            Considered line{.policy_id = policy.id,
                            .policy_name = policy.name,
                            .bound_through = ref.binding->identity,
                            .rule = std::nullopt,
                            .pattern = {},
                            .step = Step::inactive,
                            .failed_condition = {},
                            .hint = {}};
            if (!policy.active || has_expired(*ref.binding, query.context.now)) {
                line.step = policy.active ? Step::expired : Step::inactive;
                out.trace.push_back(std::move(line));
                continue;
            }
            if (out.reason == "no_policy_bound")
                out.reason = "no_rule_matches";
            for (std::size_t r = 0; r < policy.rules.size(); ++r) {
                const auto& rule = policy.rules[r];
                std::string_view failed;
                line.step = judge(rule, rule.pattern.matches(path), query, failed);
                line.rule = r;
                line.pattern = rule.pattern.text();
                line.failed_condition = failed;
                line.hint = hint_for(rule, line.step, query);
                settle(out, line.step, failed, policy, r);
                out.trace.push_back(line);
            }
        }
        return out;
    }
};

PolicySet::PolicySet(std::vector<Policy> policies, std::vector<Binding> bindings)
    : impl_(std::make_unique<Impl>(std::move(policies), std::move(bindings))) {}
PolicySet::~PolicySet() = default;
PolicySet::PolicySet(PolicySet&&) noexcept = default;
PolicySet& PolicySet::operator=(PolicySet&&) noexcept = default;

std::vector<std::string> PolicySet::beginnings(const Query& query) const {
    std::vector<std::string> out;
    for (const auto& ref : impl_->bound_to(query)) {
        const auto& policy = impl_->policies[ref.policy];
        if (!policy.active || Impl::has_expired(*ref.binding, query.context.now))
            continue;
        for (const auto& rule : policy.rules)
            if (grants(rule.permissions, query.permission) && rule.conditions.failed(query.context).empty())
                out.push_back(rule.pattern.beginning());
    }
    return out;
}

std::size_t PolicySet::size() const {
    return impl_->policies.size();
}

Decision PolicySet::decide(const Query& query) const {
    return impl_->decide(query);
}

Decision PolicySet::explain(const Query& query) const {
    return impl_->explain(query);
}

std::vector<Grantee> PolicySet::who_can(std::string_view path, Permission permission,
                                        scai::UtcTime now) const {
    std::vector<std::uint32_t> matching;
    impl_->tree.match(segments_of(path), matching);
    std::sort(matching.begin(), matching.end());
    std::unordered_map<std::string_view, std::vector<const Rule*>> giving;
    for (const auto index : matching) {
        const auto [policy, rule] = impl_->rules[index];
        const auto& candidate = impl_->policies[policy].rules[rule];
        if (grants(candidate.permissions, permission))
            giving[impl_->policies[policy].id].push_back(&candidate);
    }
    std::vector<Grantee> out;
    for (const auto& [identity, refs] : impl_->bound)
        for (const auto& ref : refs.refs) {
            const auto found = giving.find(impl_->policies[ref.policy].id);
            if (found == giving.end() || Impl::has_expired(*ref.binding, now))
                continue;
            for (const auto* rule : found->second)
                out.push_back({.identity = identity,
                               .policy_id = impl_->policies[ref.policy].id,
                               .policy_name = impl_->policies[ref.policy].name,
                               .pattern = rule->pattern.text(),
                               .conditional = !rule->conditions.empty(),
                               .expires_at = ref.binding->expires_at});
        }
    std::sort(out.begin(), out.end(), [](const Grantee& a, const Grantee& b) {
        return std::tie(a.identity, a.policy_id, a.pattern) < std::tie(b.identity, b.policy_id, b.pattern);
    });
    return out;
}

} // namespace scaivault::policies
