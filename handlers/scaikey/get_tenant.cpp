// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/directory/tenants.hpp"

namespace scaikey {

scai::Result<scai::web::Response> get_tenant(Context& context, const scai::web::Request& request) {
    SCAI_TRY(auto object, directory::get_tenant(context.pool, Caller::from(request.principal),
                                                request.param("tenant_id")));
    return object_response(std::move(object));
}

} // namespace scaikey
