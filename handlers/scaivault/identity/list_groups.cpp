// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/identity/handlers.hpp"
#include "handlers/scaivault/identity/views.hpp"

namespace scaivault::identity_api {

scai::Result<scai::web::Response> list_groups(Context& context, const scai::web::Request& request) {
    const auto& tenant = request.param("tenant_id");
    SCAI_TRY(const auto paging, paging_of(request));
    SCAI_TRY([[maybe_unused]] const auto allowed, check_reach(context, caller_of(request), tenant));
    auto reader = context.pool.read(scai::db::Scope::tenant(tenant));
    return page_of("groups", identity::store::groups(reader, tenant, paging), paging);
}

} // namespace scaivault::identity_api
