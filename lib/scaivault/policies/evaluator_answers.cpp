// What a decision looks like from outside: the 403, the trace. SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/policies/evaluator.hpp"

#include <algorithm>

namespace scaivault::policies {

using scai::json::Value;

namespace {

/// Of a trace in an error body: enough for any caller that is not bound to hundreds of rules.
constexpr std::size_t lines_in_an_error = 50;

Value line_of(const Considered& considered) {
    Value line = Value::object({{"policy_id", considered.policy_id},
                                {"policy_name", considered.policy_name},
                                {"bound_through", considered.bound_through}});
    if (considered.rule) {
        line.set("rule", static_cast<std::int64_t>(*considered.rule));
        line.set("path_pattern", considered.pattern);
    }
    const bool allows = considered.step == Step::allowed;
    line.set("outcome", allows ? "allowed" : "failed");
    if (!allows)
        line.set("failed_at", name_of(considered.step));
    if (!considered.failed_condition.empty())
        line.set("failed_condition", considered.failed_condition);
    if (!considered.hint.empty())
        line.set("hint", considered.hint);
    return line;
}

int nearness(const Considered& line) {
    switch (line.step) {
    case Step::condition:
        return 4;
    case Step::permission:
        return 3;
    case Step::expired:
    case Step::inactive:
        return 1;
    case Step::path:
        return line.hint.empty() ? 0 : 2;
    case Step::allowed:
        return 0;
    }
    return 0;
}

} // namespace

Value evaluated_policies(const Decision& decision) {
    std::vector<std::string_view> ids;
    for (const auto& line : decision.trace)
        if (std::find(ids.begin(), ids.end(), line.policy_id) == ids.end())
            ids.emplace_back(line.policy_id);
    return Value::array_of(ids);
}

Value trace_of(const Decision& decision, std::size_t max_lines) {
    Value out = Value::array();
    for (const auto& line : decision.trace) {
        if (out.size() == max_lines)
            break;
        out.push(line_of(line));
    }
    return out;
}

Value nearest_miss(const Decision& decision) {
    const auto best =
        std::max_element(decision.trace.begin(), decision.trace.end(),
                         [](const auto& a, const auto& b) { return nearness(a) < nearness(b); });
    if (decision.allowed || best == decision.trace.end() || nearness(*best) == 0)
        return nullptr;
    return line_of(*best);
}

std::string reason_text(const Decision& decision) {
    if (decision.reason == "no_policy_bound")
        return "no active policy is bound to the identity or its groups";
    if (decision.reason == "no_rule_matches")
        return "no rule of the bound policies matches the path";
    if (decision.reason == "permission_missing")
        return "rules match the path, none of them gives the permission";
    if (decision.reason == "outside_token")
        return "the token was narrowed to other paths";
    if (decision.reason == "condition_failed")
        return "condition failed";
    return {};
}

scai::Status Evaluator::allow(const Caller& caller, std::string_view path, Permission permission) {
    const auto decision = decide(caller, path, permission);
    if (decision.allowed)
        return scai::Done{};
    Value details = Value::object();
    if (caller.has_scope("policies:read")) {
        const auto told = explain(caller, {.identities = caller.identities(),
                                           .path = std::string(path),
                                           .permission = permission,
                                           .context = caller.context(clock().now())});
        details.set("permission", name_of(permission));
        details.set("reason", reason_text(decision));
        details.set("evaluated_policies", evaluated_policies(told));
        details.set("trace", trace_of(told, lines_in_an_error));
        details.set("nearest_miss", nearest_miss(told));
    }
    return access_denied(path, decision.failed_condition, details);
}

} // namespace scaivault::policies
