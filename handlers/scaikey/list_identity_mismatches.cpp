// GET /v1/admin/users/identity-source/mismatches; ?fix=true repairs what it lists and so needs to write.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_directory.hpp"
#include "lib/scaikey/app/gate.hpp"
#include "lib/scaikey/app/query.hpp"
#include "lib/scaikey/directory/identity_source.hpp"

namespace scaikey {

scai::Result<scai::web::Response> list_identity_mismatches(Context& context,
                                                           const scai::web::Request& request) {
    SCAI_TRY(const auto paging, read_paging(request));
    SCAI_TRY(const auto fix, query_choice(request, "fix", {"true", "false"}));
    auto what = directory::Mismatches::show;
    if (fix == "true") {
        SCAI_TRY([[maybe_unused]] const auto allowed,
                 authorize(request.principal, scai::web::Access::permission(admin_write)));
        what = directory::Mismatches::repair;
    }
    SCAI_TRY(const auto page, directory::identity_mismatches(context.pool, Caller::from(request.principal),
                                                             request.query_text("tenant_id"), paging, what));
    return list_response(paging, page);
}

} // namespace scaikey
