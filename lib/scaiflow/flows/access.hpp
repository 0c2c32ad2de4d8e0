// Who may do what with a flow (contract scaiflow-api.md 1.5, 10-17). The decision is made in SQL, in the one
// place (store_access.cpp) that every read and write of a flow goes through. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/web/http.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaiflow::flows {

enum class Level { none, view, edit, deploy, admin };
std::string_view name_of(Level level);
std::optional<Level> level_of(std::string_view name); ///< "view", "edit", "deploy", "admin"

struct Caller {
    std::string subject, tenant_id, email, name;
    std::string admin_role;          ///< "", tenant_admin, super_admin
    std::vector<std::string> groups; ///< of the mirror; for show: decisions read scaiflow.memberships
    std::string request_id;
    bool service = false; ///< a client-credentials token
    bool super_admin() const { return admin_role == "super_admin"; }
    /// Whom access rows and memberships may name. A service is nobody's member and in no row: "".
    std::string principal_id() const { return service ? "" : subject; }
};
/// A service owns the flows it makes, is named by no access row, and is tenant_admin of its token's tenant
/// when the token's role claim says tenant_admin, partner_admin or super_admin: never more, because
/// super_admin of ScaiFlow is given here and not by ScaiKey.
Caller caller_of(const scai::web::Request& request);
/// The own tenant; all tenants for a super_admin.
scai::db::Scope scope_of(const Caller& caller);

/// A flow without its content.
struct Head {
    std::string tenant_id, id, name;
    std::optional<std::string> description;
    std::string owner_id, version;
    std::int64_t number = 0;   ///< of the current version
    std::int64_t revision = 0; ///< counts every change, of the content or not; the ETag
    scai::UtcTime created_at, updated_at;
    std::string updated_by;
    bool deleted = false;
    std::optional<scai::UtcTime> deleted_at;
    Level level = Level::none; ///< what the caller holds
};

enum class Lock { none, update };
enum class Deleted { hidden, found }; ///< found: for restore, by those with admin

/// not_found {error "not_found"} when the flow does not exist, is of another tenant, is deleted, or the
/// caller holds no level; forbidden {error "forbidden", required} when the level is too low. With
/// Lock::update the row is locked.
scai::Result<Head> open_flow(scai::db::Executor& reader, const Caller& caller, std::string_view flow_id,
                             Level needed, Lock lock = Lock::none, Deleted deleted = Deleted::hidden);

} // namespace scaiflow::flows
