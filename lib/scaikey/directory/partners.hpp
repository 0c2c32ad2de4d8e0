// Partners (contract scaikey.md 11.1): only platform reach may touch them. Objects come back as JSON text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"
#include "lib/scaikey/app/paging.hpp"
#include "lib/scaikey/directory/caller.hpp"
#include "lib/scaikey/directory/changes.hpp"

namespace scaikey::directory {

struct OrganizationFilter {
    std::string search, status; ///< "" = any
    std::optional<std::string> partner_id;
};

/// name, slug (both required at creation), status and contact_email: tenants have them too.
void organization_fields(Changes& changes, bool create);

scai::Result<ListPage> list_partners(scai::db::Pool& pool, const Caller& by, const OrganizationFilter& filter,
                                     const Paging& paging);
scai::Result<std::string> get_partner(scai::db::Pool& pool, const Caller& by, const std::string& id);
scai::Result<std::string> create_partner(scai::db::Pool& pool, const Caller& by,
                                         const scai::json::Value& body);
scai::Result<std::string> update_partner(scai::db::Pool& pool, const Caller& by, const std::string& id,
                                         const scai::json::Value& body);
/// 409 while it still has live tenants.
scai::Status delete_partner(scai::db::Pool& pool, const Caller& by, const std::string& id);

} // namespace scaikey::directory
