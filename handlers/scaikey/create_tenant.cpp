// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/directory/tenants.hpp"

namespace scaikey {

scai::Result<scai::web::Response> create_tenant(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(auto object, directory::create_tenant(context.pool, Caller::from(request.principal), body));
    return object_response(std::move(object), 201);
}

} // namespace scaikey
