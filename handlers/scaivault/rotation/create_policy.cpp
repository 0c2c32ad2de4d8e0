// POST /v1/rotation/policies. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/requests.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/app/change.hpp"
#include "lib/scaivault/rotation/store.hpp"

namespace scaivault::rotation_api {

scai::Result<Response> create_policy(Context& context, const Request& request) {
    const auto& caller = caller_of(request);
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(auto wanted, rotation::parse_policy(body, nullptr));
    wanted.id = "rot_" + scai::crypto::random_id(20);
    note(request, "rotation_policy_id", wanted.id);
    SCAI_TRY(const auto policy,
             change(context, request, [&](scai::db::Tx& tx) -> scai::Result<rotation::Policy> {
                 SCAI_TRY([[maybe_unused]] const auto known, check_references(tx, caller.tenant_id, wanted));
                 auto made = wanted;
                 if (!rotation::store::insert_policy(tx, caller.tenant_id, caller.identity_id, made))
                     return name_conflict(made.name);
                 return made;
             }));
    return Response::json(rotation::to_json(policy), 201);
}

} // namespace scaivault::rotation_api
