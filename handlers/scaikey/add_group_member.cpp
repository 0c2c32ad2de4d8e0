// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/directory/groups.hpp"

namespace scaikey {

scai::Result<scai::web::Response> add_group_member(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(auto added, directory::add_member(context.pool, Caller::from(request.principal),
                                               request.param("group_id"), body));
    return object_response(std::move(added.row), added.created ? 201 : 200);
}

} // namespace scaikey
