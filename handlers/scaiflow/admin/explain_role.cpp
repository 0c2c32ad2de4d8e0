// GET /v1/admin/users/{id}/why: which grants from which source, which groups, which are waiting.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/admin/handlers.hpp"
#include "handlers/scaiflow/admin/views.hpp"

namespace scaiflow::admin_api {

scai::Result<scai::web::Response> explain_role(Context& context, const scai::web::Request& request) {
    const auto caller = caller_of(request);
    auto reader = context.pool.read(admin::scope_of(caller));
    SCAI_TRY(const auto target, admin::find_user(reader, caller, user_ref(request), true));
    const auto story = roles::why(reader, target, super_admin_groups(context));
    if (!story) // gone between the two statements
        return scai::Error{
            .kind = scai::ErrorKind::not_found, .code = "not_found", .message = "no such user in the mirror"};
    return scai::web::Response::json(*story);
}

} // namespace scaiflow::admin_api
