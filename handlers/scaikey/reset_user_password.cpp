// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/directory/users.hpp"

namespace scaikey {

scai::Result<scai::web::Response> reset_user_password(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto body, request.json_object(/*empty_allowed=*/true));
    SCAI_TRY(auto object, directory::reset_password(context.pool, Caller::from(request.principal),
                                                    request.param("user_id"), body));
    return object_response(std::move(object));
}

} // namespace scaikey
