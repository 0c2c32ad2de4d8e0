// Who calls ScaiVault, and for which tenant (contract scaivault.md 0). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/scaivault/policies/rules.hpp"
#include "lib/web/http.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace scaivault {

struct Caller {
    std::string identity;      ///< canonical: "user:usr_1", "sa:batcher", "system:rotation-scheduler"
    std::string identity_id;   ///< as shown: "user:mia@example.test", "sa:batcher"
    std::string identity_type; ///< user, service_account, system
    std::string display_name;
    std::string tenant_id;           ///< selected: /v1/t/{id}, X-Tenant-ID, else the token's
    std::string home_tenant_id;      ///< of the token
    std::string partner_id;          ///< of the selected tenant
    std::vector<std::string> scopes; ///< that count (see gate.cpp)
    std::vector<std::string> groups; ///< canonical: "group:grp_1", from the directory copy
    std::vector<std::string> roles;  ///< super_admin, partner_admin, tenant_admin
    std::optional<scai::UtcTime> mfa_verified_at;
    scai::UtcTime token_expires_at;
    /// Globs an exchanged token was narrowed to; empty = all that the policies allow.
    std::vector<std::string> allowed_paths;
    std::string source_ip, user_agent, request_id;
    /// Generations of the policies of the tenant and of its partner when the caller was looked up; 0 = none
    /// yet.
    std::int64_t tenant_policies = 0, partner_policies = 0;

    bool has_scope(std::string_view scope) const;
    bool
    has_role(std::string_view role) const; ///< super_admin has every role, partner_admin has tenant_admin
    /// The caller's and the groups' canonical names.
    std::vector<std::string> identities() const;
    policies::Context context(scai::UtcTime now) const;
};

/// The caller the gate found; only on routes that are not open.
const Caller& caller_of(const scai::web::Request& request);

/// A component that acts by itself: "system:rotation-scheduler".
Caller system_caller(std::string_view component, std::string tenant_id, std::string partner_id);

/// Owner column of what belongs to the caller's partner: "partner/<id>".
std::string partner_owner(const Caller& caller);

} // namespace scaivault
