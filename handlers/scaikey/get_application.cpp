// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/applications/applications.hpp"

namespace scaikey {

scai::Result<scai::web::Response> get_application(Context& context, const scai::web::Request& request) {
    SCAI_TRY(auto object,
             applications::get(context.pool, Caller::from(request.principal), request.param("app_id")));
    return object_response(std::move(object));
}

} // namespace scaikey
