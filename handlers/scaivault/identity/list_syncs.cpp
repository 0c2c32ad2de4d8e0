// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/identity/handlers.hpp"
#include "handlers/scaivault/identity/views.hpp"

namespace scaivault::identity_api {

/// Runs of everything, and those of the caller's tenant and partner; all of them for a super_admin.
scai::Result<scai::web::Response> list_syncs(Context& context, const scai::web::Request& request) {
    const auto& caller = caller_of(request);
    SCAI_TRY(const auto paging, paging_of(request));
    const auto from = caller.has_role("super_admin")
                          ? identity::Extent{}
                          : identity::Extent{.partner_id = caller.partner_id, .tenant_id = caller.tenant_id};
    auto reader = context.pool.read(from.everything() ? scai::db::Scope::all_tenants()
                                                      : scai::db::Scope::tenant(caller.tenant_id));
    identity::Paged<identity::SyncRow> page;
    page.rows = identity::store::history(reader, from, paging.offset, paging.limit);
    page.total = identity::store::count(reader, from);
    return page_of("syncs", page, paging);
}

} // namespace scaivault::identity_api
