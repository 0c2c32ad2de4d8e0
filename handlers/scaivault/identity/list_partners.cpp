// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/identity/handlers.hpp"
#include "handlers/scaivault/identity/views.hpp"

namespace scaivault::identity_api {

/// Every one for a super_admin, else the caller's own.
scai::Result<scai::web::Response> list_partners(Context& context, const scai::web::Request& request) {
    const auto& caller = caller_of(request);
    SCAI_TRY(const auto paging, paging_of(request));
    identity::Paged<identity::PartnerRow> page;
    if (const bool everywhere = caller.has_role("super_admin"); everywhere || !caller.partner_id.empty()) {
        auto reader = context.pool.read(scai::db::Scope::none());
        page = identity::store::partners(reader, everywhere ? "" : caller.partner_id,
                                         request.query_text("status").value_or(""), paging);
    }
    return page_of("partners", page, paging);
}

} // namespace scaivault::identity_api
