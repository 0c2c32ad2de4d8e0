// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/access.hpp"

#include "lib/db/sql.hpp"
#include "lib/scaiflow/flows/store_access_sql.hpp"
#include "lib/scaiflow/flows/store_head.hpp"

#include <algorithm>
#include <array>

namespace scaiflow::flows {

using scai::Error;
using scai::ErrorKind;
using scai::Result;

namespace {

constexpr char by_id[] = R"(
  FROM scaiflow.flows f
 WHERE f.id = :p5::text AND (f.tenant_id = :p1::text OR :p3::text = 'super_admin'))";
constexpr char for_update[] = " FOR UPDATE OF f";

constexpr auto find_flow =
    scai::db::joined<sql::select, sql::head_columns, sql::comma, sql::level_of_caller, by_id>;
constexpr auto lock_flow =
    scai::db::joined<sql::select, sql::head_columns, sql::comma, sql::level_of_caller, by_id, for_update>;

constexpr std::array<std::string_view, 5> level_names{"none", "view", "edit", "deploy", "admin"};

bool names_an_admin(const scai::json::Value& claims) {
    constexpr std::array<std::string_view, 3> admins{"tenant_admin", "partner_admin", "super_admin"};
    const auto known = [&](const std::string& role) {
        return std::find(admins.begin(), admins.end(), role) != admins.end();
    };
    bool found = known(claims.member("role"));
    claims.get("roles").each_item(
        [&](const scai::json::Value& role) { found = found || known(role.text_or("")); });
    return found;
}

} // namespace

std::string_view name_of(Level level) {
    return level_names[static_cast<std::size_t>(level)];
}

std::optional<Level> level_of(std::string_view name) {
    const auto found = std::find(level_names.begin() + 1, level_names.end(), name);
    if (found == level_names.end())
        return std::nullopt;
    return static_cast<Level>(found - level_names.begin());
}

Caller caller_of(const scai::web::Request& request) {
    const auto& principal = request.principal;
    Caller out{.subject = principal.subject,
               .tenant_id = principal.tenant_id,
               .email = principal.email,
               .name = principal.name,
               .admin_role = principal.admin_role,
               .groups = principal.groups,
               .request_id = request.request_id,
               .service = principal.service};
    if (out.service && !out.tenant_id.empty() && names_an_admin(principal.claims))
        out.admin_role = "tenant_admin";
    return out;
}

scai::db::Scope scope_of(const Caller& caller) {
    return caller.super_admin() ? scai::db::Scope::all_tenants() : scai::db::Scope::tenant(caller.tenant_id);
}

Result<Head> store::judge(std::optional<Head> found, Level needed, Deleted deleted) {
    const bool hidden = !found || found->level == Level::none ||
                        (found->deleted && (deleted == Deleted::hidden || found->level != Level::admin));
    if (hidden)
        return Error{.kind = ErrorKind::not_found, .code = "not_found", .message = "no such flow"};
    if (found->level < needed)
        return Error{.kind = ErrorKind::forbidden,
                     .code = "forbidden",
                     .message = "your access to this flow is " + std::string(name_of(found->level)),
                     .extra = {{"required", std::string(name_of(needed))}}};
    return std::move(*found);
}

Result<Head> open_flow(scai::db::Executor& reader, const Caller& caller, std::string_view flow_id,
                       Level needed, Lock lock, Deleted deleted) {
    auto row = store::HeadRow::maybe(reader, lock == Lock::update ? lock_flow : find_flow, caller.tenant_id,
                                     caller.subject, caller.admin_role, caller.principal_id(), flow_id);
    return store::judge(row ? std::optional(store::head_of(*row)) : std::nullopt, needed, deleted);
}

} // namespace scaiflow::flows
