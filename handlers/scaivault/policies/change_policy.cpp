// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/policies/change_policy.hpp"

#include "lib/scaivault/app/errors.hpp"

namespace scaivault::policies_api {

scai::Result<scai::web::Response> change_policy(Context& context, const scai::web::Request& request,
                                                Wanted which) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(const auto wanted, changes_of(request, body, which));
    const auto change = change_of(context, request);
    if (const auto scope = body.get("scope"); scope.present()) {
        SCAI_TRY(const auto row, policies::find(context.pool, change.caller, request.param("id")));
        if (scope.text_or("") != row.scope())
            return validation_error("body.scope", "cannot change: it is " + std::string(row.scope()));
    }
    SCAI_TRY(const auto row, policies::update(context.pool, change, request.param("id"), wanted));
    recorded(request);
    return changed(row, 200);
}

} // namespace scaivault::policies_api
