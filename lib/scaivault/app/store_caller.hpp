// What the copy of the directory says about a caller and the tenant it chose: one statement a request, a
// narrow one when it is remembered. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault {

struct DirectoryUser {
    std::string status, email, display_name;
    bool deleted = false;
    std::vector<std::string> groups; ///< ids, sorted
    std::vector<std::string> roles;  ///< sorted
};
struct DirectoryTenant {
    std::string partner_id, status;
    bool deleted = false;
};

struct Lookup {
    std::optional<DirectoryUser> user; ///< nothing: the copy does not know him (yet)
    std::optional<DirectoryTenant> home, selected;
    /// Of the selected tenant and of its partner; 0 = no policies yet.
    std::int64_t tenant_policies = 0, partner_policies = 0;
    /// Of the rows above: another one when anything of this has changed. Only of who stays in his own tenant.
    std::string version;
};

/// Who is looked up.
struct Sought {
    std::string home_tenant;
    std::string user;             ///< an id of home_tenant; "" for a service
    std::string selected_tenant;  ///< the caller acts in
    std::string fallback_partner; ///< taken for the partner of a tenant the copy does not know
    bool at_home() const { return !home_tenant.empty() && home_tenant == selected_tenant; }
};

Lookup look_up(scai::db::Pool& pool, const Sought& sought);

/// What another statement asks beside its own question, so that its round trip confirms the caller too: the
/// text is Lookup::version as it is now. Of the tenant :p1 and, of a row x (one for each caller),
/// x.callers_user and x.partner_owner.
inline constexpr char callers_version[] = R"(
       coalesce((SELECT u.xmin::text FROM scaivault.users u
                  WHERE u.tenant_id = :p1::text AND u.id = x.callers_user), '')
       || '/' || coalesce((SELECT t.xmin::text FROM scaivault.tenants t WHERE t.id = :p1::text), '')
       || '/' || coalesce((SELECT g.generation FROM scaivault.policy_generations g WHERE g.tenant_id = :p1::text), 0)::text
       || '/' || coalesce((SELECT g.generation FROM scaivault.policy_generations g WHERE g.tenant_id = x.partner_owner), 0)::text)";

/// A lookup that is remembered, and what a statement needs to confirm it.
struct Known {
    Sought sought;
    Lookup lookup;
    std::string partner_owner; ///< "partner/<id>"
};

/// Lookups of callers in their own tenant, remembered for at most a minute and only used while the database
/// confirms their version: whoever is disabled, or loses a group, role or policy, does so at once.
/// Thread-safe.
class Callers {
public:
    explicit Callers(scai::db::Pool& pool);
    ~Callers();
    /// What is remembered, unconfirmed: for who compares its version with what his own statement saw. nullptr
    /// when nothing is.
    std::shared_ptr<const Known> remembered(const Sought& sought);
    /// Confirmed by one narrow statement, or looked up.
    std::shared_ptr<const Known> find(Sought sought);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace scaivault
