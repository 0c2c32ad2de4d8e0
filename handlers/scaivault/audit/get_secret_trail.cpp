// GET /v1/audit/secrets/{path}: what happened to one secret, newest first, and its last 30 days counted. A
// secret that is gone has a trail, too. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/audit/handlers.hpp"
#include "handlers/scaivault/audit/pages.hpp"
#include "lib/scaivault/app/exchange.hpp"

namespace scaivault::audit_api {

Answer get_secret_trail(Context& context, const scai::web::Request& request) {
    // Not as its secret_path: looking at a trail is no use of the secret.
    exchange_of(request).audit.entry.extra.set("path", request.param("path"));
    SCAI_TRY(auto filter, audit::filter_of(request));
    filter.path = request.param("path");
    SCAI_TRY(auto body, page_of(context, request, filter));
    audit::Filter whole;
    whole.path = filter.path;
    SCAI_TRY(auto summary, month_of(context, request, whole));
    body.set("secret_path", filter.path).set("summary", std::move(summary));
    return scai::web::Response::json(body);
}

} // namespace scaivault::audit_api
