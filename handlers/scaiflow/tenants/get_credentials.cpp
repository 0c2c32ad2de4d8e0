// GET /v1/tenants/me/scaigrid_credentials (contract scaiflow-api.md 2.7 T1). SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaiflow/tenants/handlers.hpp"
#include "handlers/scaiflow/tenants/requests.hpp"

namespace scaiflow::tenants_api {

using scai::json::Value;

scai::Result<scai::web::Response> get_credentials(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto tenant, tenant_of(request));
    SCAI_TRY(const auto found, context.tenant_credentials.get(tenant));
    if (!found)
        return scai::web::Response::json(
            Value::object({{"configured", false}, {"base_url", nullptr}, {"masked_key", nullptr}}));
    return scai::web::Response::json(
        Value::object({{"configured", true},
                       {"base_url", found->base_url.empty() ? server_base_url(context) : found->base_url},
                       {"masked_key", vault::masked(found->key.reveal())}}));
}

} // namespace scaiflow::tenants_api
