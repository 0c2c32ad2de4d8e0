// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/directory/partners.hpp"

namespace scaikey {

scai::Result<scai::web::Response> update_partner(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(auto object, directory::update_partner(context.pool, Caller::from(request.principal),
                                                    request.param("partner_id"), body));
    return object_response(std::move(object));
}

} // namespace scaikey
