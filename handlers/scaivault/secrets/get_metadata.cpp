// GET /v1/secrets/{path}/metadata. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/secrets/requests.hpp"
#include "handlers/scaivault/secrets/views.hpp"

namespace scaivault::secrets_api {

scai::Result<Response> get_metadata(Context& context, const Request& request) {
    SCAI_TRY(const auto target, target_of(context, request, policies::Permission::list));
    SCAI_TRY(const auto described, secrets::describe(context.pool, target.owner.id, target.path));
    const auto tag = secrets::etag(described.info.version, described.info.revision);
    Response out;
    if (secrets::names(request.header("if-none-match"), tag))
        out.status = 304;
    else
        out = json_text(metadata_view(described, target.owner.of_partner));
    return out.header("ETag", tag);
}

} // namespace scaivault::secrets_api
