// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/directory/groups.hpp"

namespace scaikey {

scai::Result<scai::web::Response> get_group(Context& context, const scai::web::Request& request) {
    SCAI_TRY(auto object,
             directory::get_group(context.pool, Caller::from(request.principal), request.param("group_id")));
    return object_response(std::move(object));
}

} // namespace scaikey
