// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/policies/views.hpp"

#include "lib/base/strings.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/policies/document.hpp"

namespace scaivault::policies_api {

using policies::BindingRow;
using policies::PolicyRow;
using scai::Result;
using scai::json::Value;
using scai::web::Request;
using scai::web::Response;

namespace {

Value rules_of(const PolicyRow& row) {
    auto rules = scai::json::parse(row.rules);
    return rules ? std::move(rules).value() : Value::array();
}

Value optional_time(const std::optional<scai::UtcTime>& time) {
    return time ? Value(scai::to_iso8601(*time)) : Value(nullptr);
}

Result<std::optional<std::int64_t>> expected_revision(const Request& request) {
    std::string_view text = scai::trim(request.header("if-match"));
    if (text.empty() || text == "*")
        return std::optional<std::int64_t>();
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        text = text.substr(1, text.size() - 2);
    const auto number = scai::parse_int(text);
    if (!number)
        return invalid_request("If-Match must be the ETag of the policy");
    return number;
}

} // namespace

Value summary_of(const PolicyRow& row) {
    return Value::object({{"id", row.id},
                          {"name", row.name},
                          {"description", row.description},
                          {"scope", row.scope()},
                          {"rule_count", row.rule_count},
                          {"binding_count", row.binding_count},
                          {"is_active", row.is_active},
                          {"created_at", scai::to_iso8601(row.created_at)},
                          {"updated_at", scai::to_iso8601(row.updated_at)}});
}

Value policy_view(const PolicyRow& row) {
    auto out = summary_of(row);
    out.set("rules", rules_of(row));
    out.set("revision", row.revision);
    out.set("created_by", row.created_by);
    return out;
}

Value binding_view(const BindingRow& row, scai::UtcTime now) {
    return Value::object({{"id", row.id},
                          {"policy_id", row.policy_id},
                          {"identity_type", row.identity_type},
                          {"identity_id", row.shown},
                          {"identity", row.identity},
                          {"display_name", row.display_name},
                          {"known", row.known},
                          {"expires_at", optional_time(row.expires_at)},
                          {"expired", row.expires_at && *row.expires_at <= now},
                          {"created_at", scai::to_iso8601(row.created_at)},
                          {"created_by", row.created_by}});
}

Value findings_of(const PolicyRow& row) {
    Value out = Value::array();
    auto rules = policies::parse_rules(rules_of(row), "rules");
    if (!rules)
        return out;
    const policies::Policy policy{
        .id = row.id, .name = row.name, .active = row.is_active, .rules = std::move(rules).value()};
    for (const auto& finding : policies::lint(policy))
        out.push(Value::object({{"code", finding.code},
                                {"rule", static_cast<std::int64_t>(finding.rule)},
                                {"path_pattern", policy.rules[finding.rule].pattern.text()},
                                {"message", finding.message}}));
    return out;
}

Response changed(const PolicyRow& row, int status) {
    auto body = policy_view(row);
    body.set("warnings", findings_of(row));
    auto response = Response::json(body, status);
    response.header("ETag", "\"" + std::to_string(row.revision) + "\"");
    if (status == 201)
        response.header("Location", "/v1/policies/" + row.id);
    return response;
}

Value grantee_view(const policies::Grantee& grantee) {
    return Value::object({{"policy_id", grantee.policy_id},
                          {"policy_name", grantee.policy_name},
                          {"path_pattern", grantee.pattern},
                          {"bound_through", grantee.identity},
                          {"conditional", grantee.conditional},
                          {"expires_at", optional_time(grantee.expires_at)}});
}

Result<policies::Changes> changes_of(const Request& request, const Value& body, Wanted wanted) {
    scai::json::Fields fields(body, "body");
    policies::Changes out;
    if (wanted == Wanted::all)
        out.name = fields.text("name", {.max = 256});
    else
        out.name = fields.optional_text("name", {.max = 256});
    if (out.name && scai::trim(*out.name).size() != out.name->size())
        fields.reject("name", "must not begin or end with white space");
    out.description = fields.optional_text("description", {.min = 0, .max = 4096});
    if (wanted == Wanted::all && !out.description)
        out.description = "";
    out.is_active = fields.optional_boolean("is_active");
    const auto rules = body.get("rules");
    if (wanted == Wanted::all && !rules.present())
        fields.reject("rules", "is required");
    if (auto error = fields.error())
        return std::move(*error);
    if (rules.present()) {
        SCAI_TRY(out.rules, policies::parse_rules(rules, "body.rules"));
    }
    SCAI_TRY(out.expected_revision, expected_revision(request));
    return out;
}

policies::Change change_of(Context& context, const Request& request) {
    auto& exchange = exchange_of(request);
    const auto now = context.clock->now();
    auto entry = exchange.audit.entry;
    if (exchange.endpoint != nullptr)
        entry.action = exchange.endpoint->action;
    entry.success = true;
    entry.duration_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(now - exchange.audit.started_at).count();
    return {.caller = caller_of(request), .now = now, .entry = std::move(entry)};
}

void recorded(const Request& request) {
    exchange_of(request).audit.written = true;
}

Result<bool> query_flag(const Request& request, std::string_view name) {
    const auto text = request.query_text(name).value_or("false");
    if (text == "true" || text == "1")
        return true;
    if (text == "false" || text == "0")
        return false;
    return invalid_request(std::string(name) + " must be true or false");
}

Result<policies::Permission> permission_named(std::string_view text, const std::string& field) {
    const auto permission = policies::permission_of(text);
    if (!permission)
        return validation_error(field, "must be one of: read, write, delete, list, rotate, admin");
    return *permission;
}

} // namespace scaivault::policies_api
