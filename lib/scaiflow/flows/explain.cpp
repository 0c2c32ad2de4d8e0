// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/explain.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaiflow/app/permissions.hpp"
#include "lib/scaiflow/app/store_principal.hpp"
#include "lib/scaiflow/flows/store_explain.hpp"

namespace scaiflow::flows {

using scai::Error;
using scai::ErrorKind;
using scai::Result;

namespace {

using Permissions = std::set<std::string, std::less<>>;

/// The user as the gate would let him in.
Caller caller_as(const std::string& tenant_id, const std::string& user_id, const MirroredUser& user) {
    Caller out;
    out.subject = user_id;
    out.tenant_id = tenant_id;
    out.email = user.email;
    out.name = user.display_name;
    out.admin_role = user.admin_role;
    out.groups = user.groups;
    return out;
}

/// What keeps him out before any rule of the flow counts (the gate's 401).
std::optional<Missing> locked_out(const MirroredUser& user) {
    if (user.deleted)
        return Missing{"user_deleted", "the user is deleted"};
    if (user.status.starts_with("TENANT_"))
        return Missing{"tenant_disabled", "the user's tenant is disabled"};
    if (!scai::iequals(user.status, "ACTIVE"))
        return Missing{"user_disabled", "the user is disabled: status " + user.status};
    return std::nullopt;
}

/// The level is one half of a decision; the permission is the other (contract scaiflow-api.md 1.3, 1.5).
void name_missing_permissions(Explanation& out, bool admin, const std::optional<Permissions>& known) {
    if (out.level == Level::none)
        return;
    const auto lacks = [&](std::string_view permission) {
        return !admin && !(known && known->contains(permission));
    };
    const std::string from =
        known ? " and neither token nor settings give it" : " and comes from the user's token";
    if (lacks(permission_view))
        out.missing.push_back({"permission_view", "permission scaicore:view is needed for view" + from});
    if (out.level > Level::view && lacks(permission_manage))
        out.missing.push_back(
            {"permission_manage", "permission scaicore:manage is needed for " +
                                      std::string(out.level == Level::edit     ? "edit"
                                                  : out.level == Level::deploy ? "edit and deploy"
                                                                               : "edit, deploy and admin") +
                                      from});
}

struct Found {
    std::string tenant_id;
    MirroredUser user;
};

Result<Found> find_subject(scai::db::Pool& pool, const Caller& caller, const Head& flow,
                           const Subject& subject) {
    const std::string tenant = subject.tenant_id.value_or(flow.tenant_id);
    if (tenant == caller.tenant_id || caller.super_admin())
        if (auto user = find_principal(pool, tenant, subject.user_id))
            return Found{tenant, *std::move(user)};
    if (!subject.tenant_id && subject.user_id == caller.subject)
        if (auto user = find_principal(pool, caller.tenant_id, subject.user_id))
            return Found{caller.tenant_id, *std::move(user)};
    return Error{.kind = ErrorKind::not_found,
                 .code = "user_not_found",
                 .message = "no such user in the mirror of this flow's tenant",
                 .fix = caller.super_admin() ? "add ?tenant_id= for a user of another tenant" : "",
                 .extra = {{"field", "user_id"}}};
}

} // namespace

Result<Explanation> explain(scai::db::Pool& pool, const Caller& caller, const Permissions& permissions,
                            std::string_view flow_id, const Subject& subject) {
    SCAI_TRY(const auto flow, [&] {
        auto reader = pool.read(scope_of(caller));
        return open_flow(reader, caller, flow_id, Level::view);
    }());
    if (subject.user_id != caller.subject && flow.level < Level::admin)
        return Error{.kind = ErrorKind::forbidden,
                     .code = "forbidden",
                     .message = "the access of others is shown to those who hold admin on the flow",
                     .extra = {{"required", "admin"}}};
    SCAI_TRY(const auto found, find_subject(pool, caller, flow, subject));
    const bool self = subject.user_id == caller.subject && found.tenant_id == caller.tenant_id;

    Explanation out;
    out.flow_id = flow.id;
    out.tenant_id = found.tenant_id;
    out.user_id = subject.user_id;
    out.email = found.user.email;
    out.display_name = found.user.display_name;
    out.status = found.user.status;
    out.deleted = found.user.deleted;
    {
        auto reader = pool.read(scope_of(caller));
        out.rules = store::rules(reader, flow, found.tenant_id, subject.user_id);
    }
    if (auto why = locked_out(found.user)) {
        out.missing.push_back(*std::move(why));
        return out;
    }
    const Caller as = caller_as(found.tenant_id, subject.user_id, found.user);
    auto reader = pool.read(scope_of(as));
    if (const auto seen = open_flow(reader, as, flow_id, Level::view))
        out.level = seen->level;
    else
        out.missing.push_back({"no_rule", "nothing gives this user a level on this flow: he is neither owner "
                                          "nor admin, and no access row names him or a group of his"});
    std::optional<Permissions> known;
    if (self)
        known = permissions;
    else if (!subject.default_permissions.empty())
        known = permissions_of({.permissions = {}, .scopes = {}, .role = {}, .roles = {}},
                               found.user.admin_role, subject.default_permissions);
    name_missing_permissions(out, !found.user.admin_role.empty(), known);
    return out;
}

Result<HolderPage> list_holders(scai::db::Pool& pool, const Caller& caller, std::string_view flow_id,
                                const HolderKey& after, std::int64_t limit) {
    auto reader = pool.read(scope_of(caller));
    SCAI_TRY(const auto flow, open_flow(reader, caller, flow_id, Level::admin));
    return store::holders(reader, flow, after, limit);
}

} // namespace scaiflow::flows
