// POST /v1/rotation/policies/{id}/secrets. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/requests.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaivault/app/change.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/events/rules.hpp"
#include "lib/scaivault/rotation/service.hpp"

namespace scaivault::rotation_api {

using scai::json::Value;

scai::Result<Response> assign_secret(Context& context, const Request& request) {
    const auto& id = request.param("id");
    const auto& caller = caller_of(request);
    note(request, "rotation_policy_id", id);
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    const auto path = fields.text("secret_path", {.max = 512});
    if (auto error = scaivault::events::refusal(fields))
        return *error;
    exchange_of(request).audit.entry.secret_path = path;
    SCAI_TRY([[maybe_unused]] const auto fine, secrets::check_path(path));
    SCAI_TRY(const auto assignment,
             change(context, request, [&](scai::db::Tx& tx) -> scai::Result<rotation::Assignment> {
                 if (!rotation::store::find_policy(tx, caller.tenant_id, id))
                     return rotation::rotation_policy_not_found(id);
                 auto made = rotation::store::assign(tx, caller.tenant_id, path, id, caller.identity_id,
                                                     context.clock->now());
                 if (!made)
                     return not_found("secret_not_found", "there is no such secret",
                                      Value::object({{"path", path}}));
                 return std::move(*made);
             }));
    return Response::json(rotation::to_json(assignment), 201);
}

} // namespace scaivault::rotation_api
