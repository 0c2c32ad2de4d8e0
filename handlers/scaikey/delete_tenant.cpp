// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/directory/tenants.hpp"

namespace scaikey {

scai::Result<scai::web::Response> delete_tenant(Context& context, const scai::web::Request& request) {
    SCAI_TRY(
        [[maybe_unused]] auto done,
        directory::delete_tenant(context.pool, Caller::from(request.principal), request.param("tenant_id")));
    return scai::web::Response::no_content();
}

} // namespace scaikey
