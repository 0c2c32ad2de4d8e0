// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/views.hpp"

#include "lib/scaiflow/admin/store.hpp"
#include "lib/scaiflow/app/cursor.hpp"

#include <algorithm>

namespace scaiflow::admin_api {

using scai::Result;
using scai::json::Value;
using scai::web::Request;
using scai::web::Response;

namespace {

constexpr std::string_view users_list = "users";

Value time_or_null(const std::optional<scai::UtcTime>& time) {
    return time ? Value(scai::to_iso8601(*time)) : Value(nullptr);
}

/// Our own stored JSON; a row that is none (it cannot be) shows as null rather than failing the page.
Value stored_json(const std::string& text) {
    auto value = scai::json::parse(text);
    return value ? std::move(value).value() : Value(nullptr);
}

Value to_json(const admin::User& user) {
    return Value::object({{"id", user.id},
                          {"tenant_id", user.tenant_id},
                          {"email", user.email},
                          {"display_name", user.display_name},
                          {"status", user.status},
                          {"admin_role", user.admin_role},
                          {"admin_role_source", user.admin_role_source},
                          {"deleted_at", time_or_null(user.deleted_at)},
                          {"last_synced_at", scai::to_iso8601(user.last_synced_at)}});
}

Result<admin::UserFilter> filter_of(const Request& request, const std::optional<std::string>& tenant) {
    admin::UserFilter filter;
    filter.tenant_id = tenant ? tenant : request.query_text("tenant_id");
    SCAI_TRY(filter.search, search_of(request));
    filter.status = request.query_text("status");
    SCAI_TRY(const auto role, choice_of(request, "role", {"super_admin", "tenant_admin", "none"}));
    if (!role.empty())
        filter.role = role;
    SCAI_TRY(const auto deleted, choice_of(request, "deleted", {"include", "exclude", "only"}));
    filter.deleted = deleted == "only"      ? admin::Deleted::only
                     : deleted == "exclude" ? admin::Deleted::exclude
                                            : admin::Deleted::include;
    return filter;
}

} // namespace

admin::Caller caller_of(const Request& request) {
    return {.subject = request.principal.subject,
            .tenant_id = request.principal.tenant_id,
            .super_admin = request.principal.admin_role == "super_admin",
            .request_id = request.request_id};
}

admin::UserRef user_ref(const Request& request) {
    return {.user_id = request.param("id"), .tenant_id = request.query_text("tenant_id")};
}

roles::SuperAdminGroups super_admin_groups(const Context& context) {
    return {.entries = context.settings.list("SCAIFLOW_SUPER_ADMIN_GROUPS"),
            .home_tenant = context.settings.text("SCAIFLOW_HOME_TENANT")};
}

Result<Response> users_page(Context& context, const Request& request,
                            const std::optional<std::string>& tenant) {
    SCAI_TRY(const auto filter, filter_of(request, tenant));
    SCAI_TRY(const auto limit, limit_of(request));
    admin::UserKey after;
    if (const auto cursor = request.query_text("cursor")) {
        SCAI_TRY(auto key, read_cursor(users_list, *cursor, 2));
        after = {std::move(key[0]), std::move(key[1])};
    }
    auto reader =
        context.pool.read(tenant ? scai::db::Scope::tenant(*tenant) : scai::db::Scope::all_tenants());
    const auto page = admin::store::users(reader, filter, after, limit);
    auto users = Value::array();
    for (const auto& user : page.users)
        users.push(to_json(user));
    return Response::json(Value::object(
        {{"users", users},
         {"next_cursor", page.next ? Value(make_cursor(users_list, {page.next->tenant_id, page.next->id}))
                                   : Value(nullptr)}}));
}

Value to_json(const admin::Run& run) {
    return Value::object({{"id", run.id},
                          {"trigger", run.trigger},
                          {"actor", run.actor},
                          {"dry_run", run.dry_run},
                          {"started_at", scai::to_iso8601(run.started_at)},
                          {"finished_at", time_or_null(run.finished_at)},
                          {"outcome", run.outcome},
                          {"result", stored_json(run.result)},
                          {"messages", stored_json(run.messages)}});
}

Value to_json(const admin::Change& change) {
    return Value::object({{"tenant_id", change.tenant_id},
                          {"object_type", change.object_type},
                          {"object_id", change.object_id},
                          {"change", change.change},
                          {"before", stored_json(change.before)},
                          {"after", stored_json(change.after)}});
}

} // namespace scaiflow::admin_api
