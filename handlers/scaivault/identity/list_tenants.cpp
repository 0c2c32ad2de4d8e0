// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/identity/handlers.hpp"
#include "handlers/scaivault/identity/views.hpp"

#include "lib/scaivault/app/errors.hpp"

namespace scaivault::identity_api {

/// Every one for a super_admin, those of his partner for a partner_admin, else the caller's own.
scai::Result<scai::web::Response> list_tenants(Context& context, const scai::web::Request& request) {
    const auto& caller = caller_of(request);
    SCAI_TRY(const auto paging, paging_of(request));
    auto partner = request.query_text("partner_id").value_or("");
    std::string only;
    if (!caller.has_role("super_admin")) {
        if (!partner.empty() && partner != caller.partner_id)
            return tenant_access_denied(partner);
        partner = caller.partner_id;
        if (!caller.has_role("partner_admin"))
            only = caller.tenant_id;
    }
    auto reader = context.pool.read(scai::db::Scope::none());
    return page_of("tenants",
                   identity::store::tenants(reader, only.empty() ? partner : "", only,
                                            request.query_text("status").value_or(""), paging),
                   paging);
}

} // namespace scaivault::identity_api
