// Tenants (contract scaikey.md 11.2): platform reach writes, partner and tenant admins read within reach.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaikey/directory/partners.hpp"

namespace scaikey::directory {

scai::Result<ListPage> list_tenants(scai::db::Pool& pool, const Caller& by, const OrganizationFilter& filter,
                                    const Paging& paging);
scai::Result<std::string> get_tenant(scai::db::Pool& pool, const Caller& by, const std::string& id);
scai::Result<std::string> create_tenant(scai::db::Pool& pool, const Caller& by,
                                        const scai::json::Value& body);
/// settings and branding are merged, everything else is replaced; a new partner_id moves the tenant.
scai::Result<std::string> update_tenant(scai::db::Pool& pool, const Caller& by, const std::string& id,
                                        const scai::json::Value& body);
/// Its users and groups go with it.
scai::Status delete_tenant(scai::db::Pool& pool, const Caller& by, const std::string& id);

} // namespace scaikey::directory
