// PATCH /v1/secrets/{path}/metadata: no new version. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/secrets/requests.hpp"
#include "handlers/scaivault/secrets/views.hpp"

namespace scaivault::secrets_api {

scai::Result<Response> patch_metadata(Context& context, const Request& request) {
    SCAI_TRY(const auto target, target_of(context, request, policies::Permission::write));
    SCAI_TRY(const auto expected, expected_of(request));
    SCAI_TRY(const auto patch, secrets::parse_patch(request.body, expected));
    exchange_of(request).audit.entry.extra.set("operation", "metadata");
    SCAI_TRY(const auto described, change(context, request, target.owner, [&](scai::db::Tx& tx) {
                 return secrets::change(tx, caller_of(request), target.owner.id, target.path, patch,
                                        context.clock->now());
             }));
    return json_text(metadata_view(described, target.owner.of_partner))
        .header("ETag", secrets::etag(described.info.version, described.info.revision));
}

} // namespace scaivault::secrets_api
