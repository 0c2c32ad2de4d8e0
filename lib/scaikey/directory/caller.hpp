// Who asks, and which tenants that lets them see. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/scaikey/app/gate.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaikey {

struct Caller {
    Reach reach;
    std::string actor_type; ///< admin, api, system: the actor of events
    std::string actor_id;
    std::string client_id; ///< what the application id `me` stands for

    static Caller from(const scai::web::Principal& principal);
    static Caller system(); ///< jobs: whole platform
};

/// Row-level security for this reach: one tenant, or all (a partner's tenants are then named in the queries).
scai::db::Scope scope_of(const Reach& reach);

bool covers(const Reach& reach, std::string_view tenant_id, std::string_view partner_id);

struct TenantRef {
    std::string id, partner_id; ///< partner_id "" when the tenant has none
};
/// A live tenant within reach, else 404.
scai::Result<TenantRef> find_tenant_ref(scai::db::Reader& reader, const Reach& reach,
                                        std::string_view tenant_id);

/// The tenants a list covers. Nothing = all of them. A filter that leaves the reach is 403, a filter naming
/// an unknown tenant or partner is 404: an empty list would look like a proof that nobody is there.
using TenantSet = std::optional<std::vector<std::string>>;
scai::Result<TenantSet> select_tenants(scai::db::Reader& reader, const Reach& reach,
                                       const std::optional<std::string>& tenant_id,
                                       const std::optional<std::string>& partner_id);

/// 0 nobody, 1 tenant_admin, 2 partner_admin, 3 super_admin. Nobody may change somebody above them.
int rank_of_role(std::string_view admin_role);
int rank_of(const Reach& reach);

} // namespace scaikey
