// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/applications/applications.hpp"

namespace scaikey {

scai::Result<scai::web::Response> delete_application(Context& context, const scai::web::Request& request) {
    SCAI_TRY([[maybe_unused]] auto done,
             applications::remove(context.pool, Caller::from(request.principal), request.param("app_id")));
    return scai::web::Response::no_content();
}

} // namespace scaikey
