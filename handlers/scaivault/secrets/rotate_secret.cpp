// POST /v1/secrets/{path}/rotate: now, as its rotation policy says. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/secrets/requests.hpp"
#include "lib/scaivault/rotation/service.hpp"

namespace scaivault::secrets_api {

scai::Result<Response> rotate_secret(Context& context, const Request& request) {
    SCAI_TRY(const auto target, target_of(context, request, policies::Permission::rotate));
    SCAI_TRY([[maybe_unused]] const auto there,
             secrets::describe(context.pool, target.owner.id, target.path));
    const rotation::Rotator rotator(context.pool, context.keyring);
    SCAI_TRY(const auto item, rotator.rotate(caller_of(request), target.path, /*policy_id=*/"", "request",
                                             context.clock->now()));
    context.metrics.add("scaivault_secret_rotations_total",
                        {{"status", item.status == "failed" ? "failed" : "success"}});
    return Response::json(rotation::to_json(item));
}

} // namespace scaivault::secrets_api
