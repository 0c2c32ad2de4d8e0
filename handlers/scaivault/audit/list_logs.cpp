// GET /v1/audit/logs: newest first, every filter may be combined. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/audit/handlers.hpp"
#include "handlers/scaivault/audit/pages.hpp"

namespace scaivault::audit_api {

Answer list_logs(Context& context, const scai::web::Request& request) {
    SCAI_TRY(auto filter, audit::filter_of(request));
    if (!filter.identities.empty())
        filter.identities = spellings(context, request, filter.identities.front());
    SCAI_TRY(auto page, page_of(context, request, filter));
    return scai::web::Response::json(page);
}

} // namespace scaivault::audit_api
