// Policy decisions (contract scaivault.md 3.4, 3.6): the union of all active policies bound to the caller,
// directly or through a group; one rule whose pattern, permission and conditions fit allows, nothing denies.
// A set is compiled once and then read-only: its patterns are merged into one tree, so that a decision costs
// what the path and the caller's own policies cost, not what all policies cost. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/scaivault/policies/conditions.hpp"
#include "lib/scaivault/policies/pattern.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault::policies {

enum class Permission : std::uint8_t { read = 1, write = 2, remove = 4, list = 8, rotate = 16, admin = 32 };
using Permissions = std::uint8_t;                               ///< bits; admin stands for all
std::optional<Permission> permission_of(std::string_view name); ///< "delete" is Permission::remove
std::string_view name_of(Permission permission);
bool grants(Permissions held, Permission wanted);

struct Rule {
    Pattern pattern;
    Permissions permissions = 0;
    Conditions conditions;
};

struct Policy {
    std::string id, name;
    bool active = true;
    std::vector<Rule> rules;
};

/// `identity` is canonical: "user:usr_1", "sa:batcher", "group:grp_1", "system:rotation-scheduler".
struct Binding {
    std::string id, policy_id, identity;
    std::optional<scai::UtcTime> expires_at;
};

/// Where a rule of a policy failed; in the order they are tried.
enum class Step { allowed, inactive, expired, path, permission, condition };
std::string_view name_of(Step step);

struct Considered {
    std::string policy_id, policy_name, bound_through; ///< bound_through: the identity of the binding
    std::optional<std::size_t> rule;                   ///< none when the policy failed as a whole
    std::string pattern;
    Step step;
    std::string failed_condition;
    std::string hint; ///< "would match as apps/**"
};

struct Decision {
    bool allowed = false;
    std::string policy_id; ///< of the rule that allows
    std::optional<std::size_t> rule;
    std::string pattern;
    /// no_policy_bound, no_rule_matches, permission_missing, condition_failed; "" when allowed. Of the
    /// Evaluator also outside_token: the token is good for other paths only.
    std::string_view reason;
    std::string_view failed_condition;
    std::vector<Considered> trace; ///< of explain() only, in policy and rule order
};

struct Query {
    std::vector<std::string> identities; ///< the caller and its groups
    std::string path;
    Permission permission;
    Context context;
};

/// Somebody who may; through which binding.
struct Grantee {
    std::string identity, policy_id, policy_name, pattern;
    bool conditional = false; ///< some condition must hold as well
    std::optional<scai::UtcTime> expires_at;
};

struct Finding {
    std::string code; ///< unreachable_rule, over_broad, never_matches, duplicate_rule, useless_condition
    std::size_t rule;
    std::string message;
};

class PolicySet {
public:
    PolicySet(std::vector<Policy> policies, std::vector<Binding> bindings);
    ~PolicySet();
    PolicySet(PolicySet&&) noexcept;
    PolicySet& operator=(PolicySet&&) noexcept;

    /// The live check. Among several rules that allow, the first in policy and rule order is named.
    Decision decide(const Query& query) const;
    /// The same decision by the same code, with every policy and rule of the caller that was considered and
    /// why it did not allow.
    Decision explain(const Query& query) const;
    /// Everybody a rule gives `permission` on `path`, ordered by identity.
    std::vector<Grantee> who_can(std::string_view path, Permission permission, scai::UtcTime now) const;
    /// How the paths begin that the caller has the permission on: nothing outside of these is allowed, not
    /// everything inside is. In no order; `query.path` does not matter.
    std::vector<std::string> beginnings(const Query& query) const;
    std::size_t size() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// What is odd about the rules of one policy, for its author.
std::vector<Finding> lint(const Policy& policy);

} // namespace scaivault::policies
