// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/admin/service.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaiflow/admin/store.hpp"

#include <algorithm>

namespace scaiflow::admin {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::db::Tx;

namespace {

Error no_such_user() {
    return Error{.kind = ErrorKind::not_found,
                 .code = "not_found",
                 .message = "no such user in the mirror",
                 .fix = "GET /v1/admin/users lists them; POST /v1/admin/sync picks up new ones"};
}

Error super_admin_only(std::string message) {
    return Error{.kind = ErrorKind::forbidden,
                 .code = "forbidden",
                 .message = std::move(message),
                 .extra = {{"required", "super_admin"}}};
}

roles::Cause cause_of(const Caller& caller) {
    return {.actor = caller.subject,
            .why = scai::json::Value::object({{"request_id", scai::json::Value(caller.request_id)}})};
}

Result<store::Holder> find_holder(scai::db::Executor& reader, const Caller& caller, const UserRef& ref,
                                  bool deleted_too) {
    if (!caller.super_admin && ref.tenant_id && *ref.tenant_id != caller.tenant_id)
        return no_such_user();
    auto holders = store::holders(reader, ref.user_id,
                                  caller.super_admin ? ref.tenant_id : std::optional(caller.tenant_id));
    if (std::any_of(holders.begin(), holders.end(), [](const auto& holder) { return !holder.deleted; }) ||
        !deleted_too)
        std::erase_if(holders, [](const auto& holder) { return holder.deleted; });
    if (holders.empty())
        return no_such_user();
    if (holders.size() == 1)
        return holders.front();
    std::vector<std::string> tenants;
    tenants.reserve(holders.size());
    for (const auto& holder : holders)
        tenants.push_back(holder.tenant_id);
    return Error{.kind = ErrorKind::conflict,
                 .code = "ambiguous_user",
                 .message = "several tenants have a user with this id",
                 .fix = "add ?tenant_id=",
                 .extra = {{"tenants", scai::join(tenants, ",")}}};
}

} // namespace

scai::db::Scope scope_of(const Caller& caller) {
    return caller.super_admin ? scai::db::Scope::all_tenants() : scai::db::Scope::tenant(caller.tenant_id);
}

Result<roles::Target> find_user(scai::db::Executor& reader, const Caller& caller, const UserRef& ref,
                                bool deleted_too) {
    SCAI_TRY(auto holder, find_holder(reader, caller, ref, deleted_too));
    return roles::Target{.tenant_id = std::move(holder.tenant_id), .user_id = ref.user_id};
}

scai::Status grant_role(scai::db::Pool& pool, const Caller& caller, const UserRef& ref,
                        const std::string& role) {
    if (!caller.super_admin && role != "tenant_admin")
        return super_admin_only("a tenant_admin may grant tenant_admin only");
    return scai::db::in_tx(pool, scope_of(caller), [&](Tx& tx) -> scai::Status {
        SCAI_TRY(const auto target, find_user(tx, caller, ref, false));
        return roles::grant(tx, target, role, cause_of(caller));
    });
}

Result<roles::Effective> revoke_role(scai::db::Pool& pool, const Caller& caller, const UserRef& ref,
                                     const std::optional<std::string>& role) {
    if (!caller.super_admin && role && *role != "tenant_admin")
        return super_admin_only("a tenant_admin may revoke tenant_admin only");
    return scai::db::in_tx(pool, scope_of(caller), [&](Tx& tx) -> Result<roles::Effective> {
        SCAI_TRY(const auto holder, find_holder(tx, caller, ref, true));
        if (!caller.super_admin && holder.admin_role == "super_admin")
            return super_admin_only("only a super_admin may change the role of a super_admin");
        return roles::revoke(tx, {.tenant_id = holder.tenant_id, .user_id = ref.user_id},
                             caller.super_admin ? role : std::optional<std::string>("tenant_admin"),
                             cause_of(caller));
    });
}

} // namespace scaiflow::admin
