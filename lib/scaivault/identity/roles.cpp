// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/identity/roles.hpp"

#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/identity/store.hpp"

#include <algorithm>

namespace scaivault::identity {

namespace {

bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

scai::Status may_change(const Caller& caller, const Identity& user, const std::vector<std::string>& before,
                        const std::vector<std::string>& after) {
    if (!caller.has_role("partner_admin"))
        return forbidden("roles are changed by a partner_admin or super_admin only");
    if (contains(before, "super_admin") != contains(after, "super_admin") && !caller.has_role("super_admin"))
        return forbidden("only a super_admin gives or takes super_admin");
    const bool raised =
        std::any_of(after.begin(), after.end(), [&](const auto& role) { return !contains(before, role); });
    if (raised && user.canonical == caller.identity)
        return forbidden("nobody raises himself: let another administrator do it");
    return scai::Done{};
}

} // namespace

scai::Result<std::vector<std::string>> set_roles(scai::db::Pool& pool, const Caller& caller,
                                                 const Identity& user, std::vector<std::string> roles,
                                                 const audit::Entry& entry) {
    std::sort(roles.begin(), roles.end());
    roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
    // All tenants: the last super_admin is looked for everywhere.
    return scai::db::in_tx(
        pool, scai::db::Scope::all_tenants(),
        [&](scai::db::Tx& tx) -> scai::Result<std::vector<std::string>> {
            store::lock_roles(tx);
            const auto before = store::roles(tx, user.tenant_id, user.id);
            SCAI_TRY([[maybe_unused]] const auto allowed, may_change(caller, user, before, roles));
            if (contains(before, "super_admin") && !contains(roles, "super_admin") &&
                store::other_super_admins(tx, user.tenant_id, user.id) == 0)
                return conflict("last_super_admin",
                                "this is the last super_admin: give the role to somebody else first");
            store::set_roles(tx, user.tenant_id, user.id, roles, caller.identity_id);
            auto row = entry;
            row.extra = scai::json::Value::object({{"user_id", user.id},
                                                   {"before", scai::json::Value::array_of(before)},
                                                   {"after", scai::json::Value::array_of(roles)}});
            audit::write(tx, row);
            return roles;
        });
}

} // namespace scaivault::identity
