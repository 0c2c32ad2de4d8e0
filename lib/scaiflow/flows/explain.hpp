// Why may somebody do what he may with a flow, and who may at all. The level shown is the answer of
// open_flow itself, asked as that user; the rules say where it comes from.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/flows/access.hpp"

#include <set>

namespace scaiflow::flows {

/// One thing that gives a level.
struct Rule {
    std::string kind; ///< owner, role, user, group
    Level level = Level::none;
    std::string role, role_source;  ///< of kind role
    std::string acl_id, granted_by; ///< of kinds user and group
    std::optional<scai::UtcTime> granted_at;
    std::string group_id, group_name; ///< of kind group
    bool direct = true;               ///< of kind group: a member of this very group, not of one inside it
};

struct Missing {
    std::string code, message;
};

struct Explanation {
    std::string flow_id, tenant_id, user_id, email, display_name, status;
    bool deleted = false;
    Level level = Level::none; ///< what he holds now: none for who cannot sign in, whatever the rules say
    std::vector<Rule> rules;   ///< strongest first
    std::vector<Missing> missing;
};

/// Whose access is asked for. Without a tenant: the user of the flow's tenant, else the caller's own.
struct Subject {
    std::string user_id;
    std::optional<std::string> tenant_id; ///< of a super_admin's question
    /// SCAIFLOW_DEFAULT_PERMISSIONS: what somebody else's token gives when it names none.
    std::vector<std::string> default_permissions = {};
};

/// Needs view for the own access, admin for anybody else's. `permissions` are those of the caller's token: of
/// others they are not known. not_found "user_not_found" when the mirror does not have the user.
scai::Result<Explanation> explain(scai::db::Pool& pool, const Caller& caller,
                                  const std::set<std::string, std::less<>>& permissions,
                                  std::string_view flow_id, const Subject& subject);

struct Holder {
    std::string tenant_id, user_id, email, display_name;
    Level level = Level::none;
    std::vector<std::string> rules; ///< owner, role, user, group
};
struct HolderKey {
    std::string tenant_id, user_id;
};
struct HolderPage {
    std::vector<Holder> users;
    std::optional<HolderKey> next;
};

/// Everybody who holds a level and can sign in, in order of tenant and id. Needs admin. super_admins of other
/// tenants are shown to a super_admin only.
scai::Result<HolderPage> list_holders(scai::db::Pool& pool, const Caller& caller, std::string_view flow_id,
                                      const HolderKey& after, std::int64_t limit);

} // namespace scaiflow::flows
