// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/directory/users.hpp"

namespace scaikey {

scai::Result<scai::web::Response> activate_user(Context& context, const scai::web::Request& request) {
    SCAI_TRY(auto object,
             directory::set_user_status(context.pool, Caller::from(request.principal),
                                        request.param("user_id"), directory::UserStatus::active));
    return object_response(std::move(object));
}

} // namespace scaikey
