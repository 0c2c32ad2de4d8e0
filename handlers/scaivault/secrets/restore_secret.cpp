// POST /v1/secrets/{path}/restore. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/secrets/requests.hpp"
#include "handlers/scaivault/secrets/views.hpp"

namespace scaivault::secrets_api {

scai::Result<Response> restore_secret(Context& context, const Request& request) {
    SCAI_TRY(const auto target, target_of(context, request, policies::Permission::write));
    exchange_of(request).audit.entry.extra.set("operation", "restore");
    SCAI_TRY(const auto described, change(context, request, target.owner, [&](scai::db::Tx& tx) {
                 return secrets::restore(tx, caller_of(request), target.owner.id, target.path,
                                         context.clock->now());
             }));
    return json_text(metadata_view(described, target.owner.of_partner))
        .header("ETag", secrets::etag(described.info.version, described.info.revision));
}

} // namespace scaivault::secrets_api
