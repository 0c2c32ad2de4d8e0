// PATCH /v1/rotation/policies/{id}. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/requests.hpp"
#include "lib/scaivault/app/change.hpp"
#include "lib/scaivault/rotation/service.hpp"

namespace scaivault::rotation_api {

scai::Result<Response> update_policy(Context& context, const Request& request) {
    const auto& id = request.param("id");
    const auto& tenant = caller_of(request).tenant_id;
    note(request, "rotation_policy_id", id);
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(
        const auto policy, change(context, request, [&](scai::db::Tx& tx) -> scai::Result<rotation::Policy> {
            const auto found = rotation::store::find_policy(tx, tenant, id);
            if (!found)
                return rotation::rotation_policy_not_found(id);
            SCAI_TRY(auto wanted, rotation::parse_policy(body, &*found));
            SCAI_TRY([[maybe_unused]] const auto known, check_references(tx, tenant, wanted));
            if (!rotation::store::update_policy(tx, tenant, wanted))
                return name_conflict(wanted.name);
            if (wanted.interval_length != found->interval_length ||
                wanted.warn_seconds != found->warn_seconds || wanted.grace_length != found->grace_length ||
                wanted.auto_generate != found->auto_generate)
                rotation::store::reschedule(tx, tenant, id);
            return *rotation::store::find_policy(tx, tenant, id);
        }));
    return Response::json(rotation::to_json(policy));
}

} // namespace scaivault::rotation_api
