// POST /v1/policies/test: the decision the live check would make, by the same code, and why (contract
// scaivault.md 3.6). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/policies/handlers.hpp"
#include "handlers/scaivault/policies/views.hpp"

#include "lib/json/decode.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/secrets/rules.hpp"

namespace scaivault::policies_api {

using scai::Result;
using scai::json::Value;

namespace {

constexpr std::size_t most_lines = 2000;

struct Question {
    identity::Name name;
    std::string path;
    policies::Permission permission;
    policies::Context context;
};

Result<Question> question_of(const scai::web::Request& request, scai::UtcTime now) {
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    const auto type =
        fields.optional_text("identity_type", {.one_of = {"user", "service_account", "group", "system"}});
    const auto who = fields.text("identity_id", {.max = 512});
    const auto path = fields.text("path");
    const auto permission =
        fields.text("permission", {.one_of = {"read", "write", "delete", "list", "rotate", "admin"}});
    const auto given = fields.optional_object("context");
    scai::json::Fields context(given.present() ? given : Value::object(), "body.context");
    const auto address = context.optional_text("source_ip", {.max = 64});
    if (address && !policies::parse_address(*address))
        context.reject("source_ip", "must be an IPv4 or IPv6 address");
    const auto verified = context.optional_boolean("mfa_verified");
    const auto when = context.optional_text("timestamp", {.max = 64});
    const auto time = when ? scai::parse_iso8601(*when) : std::optional(now);
    if (!time)
        context.reject("timestamp", "must be an RFC 3339 time such as 2026-06-01T08:00:00Z");
    if (auto error = fields.error())
        return std::move(*error);
    if (auto error = context.error())
        return std::move(*error);
    SCAI_TRY([[maybe_unused]] const auto good, secrets::check_path(path));
    SCAI_TRY(auto name,
             identity::parse_name(who, type ? identity::type_of(*type) : std::nullopt, "body.identity_id"));
    return Question{.name = std::move(name),
                    .path = path,
                    .permission = *policies::permission_of(permission),
                    .context = {.source_ip = address.value_or(""),
                                .mfa_verified_at = verified.value_or(false) ? time : std::nullopt,
                                .now = *time}};
}

Value answer(const policies::Decision& decision, const policies::Query& query,
             const identity::Identity& who) {
    Value out = Value::object({{"allowed", decision.allowed}});
    if (decision.allowed) {
        out.set("matched_policy", decision.policy_id);
        out.set("matched_rule",
                Value::object({{"path_pattern", decision.pattern},
                               {"index", static_cast<std::int64_t>(decision.rule.value_or(0))}}));
    } else {
        out.set("reason", policies::reason_text(decision));
        out.set("reason_code", decision.reason);
        if (!decision.failed_condition.empty())
            out.set("failed_condition", decision.failed_condition);
        out.set("nearest_miss", policies::nearest_miss(decision));
    }
    out.set("evaluated_policies", policies::evaluated_policies(decision));
    out.set("trace", policies::trace_of(decision, most_lines));
    out.set("trace_truncated", decision.trace.size() > most_lines);
    out.set("identity",
            Value::object({{"type", name_of(who.type)},
                           {"id", who.canonical},
                           {"shown", who.shown},
                           {"status", who.status},
                           {"groups", Value::array_of(std::vector<std::string>(query.identities.begin() + 1,
                                                                               query.identities.end()))}}));
    return out;
}

} // namespace

Result<scai::web::Response> test_policy(Context& context, const scai::web::Request& request) {
    const auto& caller = caller_of(request);
    SCAI_TRY(auto question, question_of(request, context.clock->now()));
    SCAI_TRY(const auto who, identity::resolve(context.pool, identity::Where::tenant(caller.tenant_id),
                                               question.name, "body.identity_id"));
    policies::Query query{.identities = {who.canonical},
                          .path = std::move(question.path),
                          .permission = question.permission,
                          .context = std::move(question.context)};
    for (auto& group : identity::groups_of(context.pool, who))
        query.identities.push_back(std::move(group));
    return scai::web::Response::json(answer(context.evaluator.explain(caller, query), query, who));
}

} // namespace scaivault::policies_api
