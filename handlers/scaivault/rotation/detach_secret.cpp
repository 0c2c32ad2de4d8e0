// DELETE /v1/rotation/policies/{id}/secrets/{secret_path}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/requests.hpp"
#include "lib/scaivault/app/change.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/rotation/service.hpp"

namespace scaivault::rotation_api {

using scai::json::Value;

scai::Result<Response> detach_secret(Context& context, const Request& request) {
    const auto& id = request.param("id");
    const auto& path = request.param("secret_path");
    note(request, "rotation_policy_id", id);
    exchange_of(request).audit.entry.secret_path = path;
    SCAI_TRY(
        [[maybe_unused]] const auto gone, change(context, request, [&](scai::db::Tx& tx) -> scai::Status {
            const auto& tenant = caller_of(request).tenant_id;
            if (!rotation::store::find_policy(tx, tenant, id))
                return rotation::rotation_policy_not_found(id);
            if (!rotation::store::detach(tx, tenant, path, id))
                return not_found("secret_not_found", "the secret is not attached to this rotation policy",
                                 Value::object({{"path", path}}));
            return scai::Done{};
        }));
    return Response::no_content();
}

} // namespace scaivault::rotation_api
