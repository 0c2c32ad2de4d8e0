// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/policies/handlers.hpp"
#include "handlers/scaivault/policies/views.hpp"

#include "lib/json/decode.hpp"

namespace scaivault::policies_api {

scai::Result<scai::web::Response> create_policy(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto body, request.json_object());
    SCAI_TRY(const auto wanted, changes_of(request, body, Wanted::all));
    scai::json::Fields fields(body, "body");
    const auto scope = fields.optional_text("scope", {.one_of = {"tenant", "partner"}}).value_or("tenant");
    if (auto error = fields.error())
        return std::move(*error);
    const auto change = change_of(context, request);
    SCAI_TRY(const auto owner, policies::owner_of_scope(change.caller, scope));
    SCAI_TRY(const auto row, policies::create(context.pool, change, owner, wanted));
    recorded(request);
    return changed(row, 201);
}

} // namespace scaivault::policies_api
