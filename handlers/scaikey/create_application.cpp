// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/applications/applications.hpp"

namespace scaikey {

scai::Result<scai::web::Response> create_application(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(auto object, applications::create(context.pool, Caller::from(request.principal), body));
    return object_response(std::move(object), 201);
}

} // namespace scaikey
