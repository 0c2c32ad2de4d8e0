// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/deploy/views.hpp"

#include "lib/json/decode.hpp"
#include "lib/scaiflow/grid/credentials.hpp"

namespace scaiflow::deploy_api {

using scai::Result;
using scai::web::Request;
using scai::web::Response;

namespace {

constexpr std::string_view missing = "missing_scaigrid_credentials";

} // namespace

Result<deploy::Wish> wish_of(const Request& request) {
    SCAI_TRY(auto key, idempotency_key(request));
    SCAI_TRY(const auto body, request.json_object(true));
    scai::json::Fields fields(body, "body");
    deploy::Wish wish;
    wish.caller = flows::caller_of(request);
    wish.flow_id = request.param("id");
    wish.publish = fields.optional_boolean("publish_as_model");
    wish.key = std::move(key);
    if (auto error = fields.error())
        return *error;
    return wish;
}

Result<Response> carry_out(Context& context, const Request& request, const deploy::Wish& wish) {
    const auto credentials = [&](const std::string& tenant_id) -> Result<grid::Credential> {
        // The caller's token is good in his own tenant; a super_admin deploys elsewhere with that tenant's
        // key.
        if (tenant_id == request.principal.tenant_id)
            return grid::choose(context, request, missing);
        return grid::choose_for_tenant(context, tenant_id, missing);
    };
    SCAI_TRY(const auto done, deploy::deploy(context, wish, credentials));
    const auto& row = done.deployment;
    auto response = Response::json(flows::to_json(row).set("deployment_id", row.id));
    response.header("Location", "/api/v1/flows/" + row.flow_id + "/deployments/" + row.id);
    if (done.replayed)
        response.header("Idempotency-Replayed", "true");
    return response;
}

} // namespace scaiflow::deploy_api
