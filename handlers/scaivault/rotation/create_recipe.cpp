// POST /v1/secret-policies. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/rotation/requests.hpp"
#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/app/change.hpp"

namespace scaivault::rotation_api {

scai::Result<Response> create_recipe(Context& context, const Request& request) {
    const auto& caller = caller_of(request);
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(auto wanted, rotation::parse_recipe(body, std::nullopt));
    wanted.id = "sp_" + scai::crypto::random_id(20);
    note(request, "secret_policy_id", wanted.id);
    SCAI_TRY(const auto recipe,
             change(context, request, [&](scai::db::Tx& tx) -> scai::Result<rotation::Recipe> {
                 auto made = rotation::store::insert_recipe(tx, caller.tenant_id, caller.identity_id, wanted);
                 if (!made)
                     return name_conflict(wanted.name);
                 return std::move(*made);
             }));
    return Response::json(rotation::to_json(recipe), 201);
}

} // namespace scaivault::rotation_api
