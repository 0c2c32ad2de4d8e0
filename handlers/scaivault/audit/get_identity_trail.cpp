// GET /v1/audit/identities/{identity_id}: what one identity did, newest first, and its last 30 days counted.
// Rows hold the identity as it was shown then; an id of the directory stands for its e-mail, too.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/audit/handlers.hpp"
#include "handlers/scaivault/audit/pages.hpp"

namespace scaivault::audit_api {

Answer get_identity_trail(Context& context, const scai::web::Request& request) {
    SCAI_TRY(auto filter, audit::filter_of(request));
    filter.identities = spellings(context, request, request.param("identity_id"));
    SCAI_TRY(auto body, page_of(context, request, filter));
    audit::Filter whole;
    whole.identities = filter.identities;
    SCAI_TRY(auto summary, month_of(context, request, whole));
    body.set("identity_id", filter.identities.size() > 1 ? filter.identities[1] : filter.identities[0])
        .set("summary", std::move(summary));
    return scai::web::Response::json(body);
}

} // namespace scaivault::audit_api
