// POST /v1/rotation/policies/{id}/rotate: now, some of its secrets or all. SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaivault/rotation/requests.hpp"
#include "lib/json/decode.hpp"
#include "lib/scaivault/app/errors.hpp"
#include "lib/scaivault/app/exchange.hpp"
#include "lib/scaivault/events/rules.hpp"
#include "lib/scaivault/rotation/service.hpp"

#include <algorithm>

namespace scaivault::rotation_api {

using scai::json::Value;

scai::Result<Response> rotate_secrets(Context& context, const Request& request) {
    const auto& id = request.param("id");
    const auto& caller = caller_of(request);
    note(request, "rotation_policy_id", id);
    SCAI_TRY(const auto body, request.json_object(/*empty_allowed=*/true));
    scai::json::Fields fields(body, "body");
    auto paths = fields.optional_text_list("secret_paths", {.max = 512}, 1000);
    if (auto error = scaivault::events::refusal(fields))
        return *error;
    std::vector<std::string> linked;
    {
        auto reader = context.pool.read(scai::db::Scope::tenant(caller.tenant_id));
        if (!rotation::store::find_policy(reader, caller.tenant_id, id))
            return rotation::rotation_policy_not_found(id);
        linked = rotation::store::paths_of(reader, caller.tenant_id, id);
    }
    if (!fields.has("secret_paths"))
        paths = linked;
    // All or nothing up to here: who may not rotate one of them rotates none.
    for (const auto& path : paths) {
        SCAI_TRY([[maybe_unused]] const auto allowed,
                 context.evaluator.allow(caller, path, policies::Permission::rotate));
        if (!std::binary_search(linked.begin(), linked.end(), path))
            return not_found("secret_not_found", "the secret is not attached to this rotation policy",
                             Value::object({{"path", path}}));
    }
    const rotation::Rotator rotator(context.pool, context.keyring);
    auto list = Value::array();
    for (const auto& path : paths) {
        const auto item = rotator.rotate(caller, path, id, "request", context.clock->now());
        if (!item) // it was detached meanwhile
            continue;
        context.metrics.add("scaivault_secret_rotations_total",
                            {{"status", item->status == "failed" ? "failed" : "success"}});
        list.push(rotation::to_json(*item));
    }
    note(request, "rotated", std::to_string(list.size()));
    return Response::json(list);
}

} // namespace scaivault::rotation_api
