// Who is meant by an e-mail, and who holds which role: reads for the operator's command. Readers need
// all-tenants scope. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/roles/roles.hpp"

#include <string>
#include <vector>

namespace scaiflow::roles {

struct Person {
    Target target;
    std::string tenant_slug, email, display_name, status;
    std::string role, source; ///< effective; "" = none
    bool deleted = false;
};

/// Everybody with this e-mail (any case); deleted ones last. `tenant` is an id or a slug, "" = all.
std::vector<Person> find_by_email(scai::db::Reader& reader, const std::string& email,
                                  const std::string& tenant);

/// The id of a mirrored tenant given by id or by a slug that only one has; "" when there is none.
std::string find_tenant(scai::db::Reader& reader, const std::string& id_or_slug);

bool has_grant(scai::db::Reader& reader, const Target& target, const std::string& role,
               const std::string& source);

/// {admins: [{email, display_name, tenant_id, user_id, role, source, grants[{role,source,group_id,group}],
/// status, deleted_at}], pending: [{email, tenant_id, role, source, requested_by, requested_at, applied_at,
/// cancelled_at}]}. Deleted users and settled pending grants only when `all`.
scai::json::Value list_admins(scai::db::Reader& reader, bool all);

} // namespace scaiflow::roles
