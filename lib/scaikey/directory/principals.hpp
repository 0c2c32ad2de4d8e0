// Principals: what users and groups share. Both live in one tenant, have pages that start at anchors, and
// exist only for callers whose reach covers their tenant. The statements stay with each of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"
#include "lib/scaikey/app/paging.hpp"
#include "lib/scaikey/directory/anchors.hpp"
#include "lib/scaikey/directory/caller.hpp"
#include "lib/scaikey/directory/changes.hpp"

#include <optional>
#include <string>

namespace scaikey::directory {

struct PrincipalFilter {
    std::string search; ///< "" = any
    std::string only;   ///< users: this status, groups: this type; "" = any
    std::optional<std::string> tenant_id, partner_id;
    bool plain() const { return search.empty() && only.empty(); }
};

/// How one kind is read. The two page statements take offset, rows, and the anchor's version, id and skip,
/// and give total, version, last id and rows; list_tenant takes the tenant besides. list_filtered takes
/// tenants, only, search, offset and rows. get gives tenant, partner and the object.
struct PrincipalKind {
    const char *plural, *what;
    const char *list_all, *list_tenant, *list_filtered, *get;
};

scai::Result<ListPage> list_principals(scai::db::Pool& pool, const Caller& by, const PrincipalKind& kind,
                                       const PrincipalFilter& filter, const Paging& paging,
                                       PageAnchors& anchors);
/// An id outside the caller's reach is 404.
scai::Result<std::string> get_principal(scai::db::Pool& pool, const Caller& by, const PrincipalKind& kind,
                                        const std::string& id);

/// tenant_id of a create body: required, but from callers who have one tenant only.
void tenant_field(Changes& changes, const Caller& by);
std::string tenant_of(const Changes& changes, const Caller& by);
/// There is a live tenant of that id within reach, else 422.
scai::Status tenant_exists(scai::db::Reader& reader, const Caller& by, const std::string& tenant_id);

} // namespace scaikey::directory
