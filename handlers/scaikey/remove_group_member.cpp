// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/directory/groups.hpp"

namespace scaikey {

scai::Result<scai::web::Response> remove_group_member(Context& context, const scai::web::Request& request) {
    SCAI_TRY([[maybe_unused]] auto done,
             directory::remove_member(context.pool, Caller::from(request.principal),
                                      request.param("group_id"), request.param("member_id")));
    return scai::web::Response::no_content();
}

} // namespace scaikey
