// GET /v1/flows/{id}/access: why one user may what he may (?user_id=), or who may at all.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/flows/access_views.hpp"
#include "handlers/scaiflow/flows/handlers.hpp"
#include "lib/scaiflow/app/cursor.hpp"
#include "lib/scaiflow/app/query.hpp"
#include "lib/scaiflow/flows/explain.hpp"

namespace scaiflow::flows_api {

using scai::Result;
using scai::json::Value;
using scai::web::Request;
using scai::web::Response;

namespace {

constexpr std::size_t longest_user_id = 255;

Value rule_json(const flows::Rule& rule) {
    auto out = Value::object({{"rule", rule.kind}, {"level", flows::name_of(rule.level)}});
    if (rule.kind == "role") {
        out.set("role", rule.role);
        out.set("source", rule.role_source.empty() ? Value(nullptr) : Value(rule.role_source));
    }
    if (rule.kind == "group") {
        out.set("group_id", rule.group_id);
        out.set("group_name", rule.group_name);
        out.set("membership", rule.direct ? "direct" : "nested");
    }
    if (!rule.acl_id.empty()) {
        out.set("acl_id", rule.acl_id);
        out.set("granted_by", rule.granted_by);
        out.set("granted_at", rule.granted_at ? Value(scai::to_iso8601(*rule.granted_at)) : Value(nullptr));
    }
    return out;
}

Value explanation_json(const flows::Explanation& story) {
    auto rules = Value::array();
    for (const auto& rule : story.rules)
        rules.push(rule_json(rule));
    auto missing = Value::array();
    for (const auto& item : story.missing)
        missing.push(Value::object({{"code", item.code}, {"message", item.message}}));
    return Value::object({{"flow_id", story.flow_id},
                          {"user", Value::object({{"id", story.user_id},
                                                  {"tenant_id", story.tenant_id},
                                                  {"email", story.email},
                                                  {"display_name", story.display_name},
                                                  {"status", story.status},
                                                  {"deleted", story.deleted}})},
                          {"level", level_json(story.level)},
                          {"rules", rules},
                          {"missing", missing}});
}

Result<Response> holders_page(Context& context, const Request& request) {
    const std::string& id = request.param("id");
    const std::string list = "access/" + id;
    SCAI_TRY(const auto limit, limit_of(request));
    flows::HolderKey after;
    if (const auto cursor = request.query_text("cursor")) {
        SCAI_TRY(auto key, read_cursor(list, *cursor, 2));
        after = {std::move(key[0]), std::move(key[1])};
    }
    SCAI_TRY(const auto page, flows::list_holders(context.pool, flows::caller_of(request), id, after, limit));
    auto items = Value::array();
    for (const auto& user : page.users)
        items.push(Value::object({{"user_id", user.user_id},
                                  {"tenant_id", user.tenant_id},
                                  {"email", user.email},
                                  {"display_name", user.display_name},
                                  {"level", flows::name_of(user.level)},
                                  {"rules", Value::array_of(user.rules)}}));
    return Response::json(Value::object(
        {{"items", items},
         {"next_cursor", page.next ? Value(make_cursor(list, {page.next->tenant_id, page.next->user_id}))
                                   : Value(nullptr)}}));
}

} // namespace

Result<Response> get_access(Context& context, const Request& request) {
    const auto user = request.query_text("user_id");
    if (!user)
        return holders_page(context, request);
    if (user->empty() || user->size() > longest_user_id)
        return bad_query("user_id", "must have 1 to 255 bytes");
    SCAI_TRY(const auto story,
             flows::explain(context.pool, flows::caller_of(request), request.principal.permissions,
                            request.param("id"),
                            {.user_id = *user,
                             .tenant_id = request.query_text("tenant_id"),
                             .default_permissions = context.settings.list("SCAIFLOW_DEFAULT_PERMISSIONS")}));
    return Response::json(explanation_json(story));
}

} // namespace scaiflow::flows_api
