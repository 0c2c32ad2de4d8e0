// POST /v1/tenants/me/scaigrid_credentials (contract scaiflow-api.md 2.7 T2): sets or rotates. Without
// base_url the stored one stays, else the server's is stored. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/tenants/handlers.hpp"
#include "handlers/scaiflow/tenants/requests.hpp"

namespace scaiflow::tenants_api {

using scai::json::Value;

scai::Result<scai::web::Response> set_credentials(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto tenant, tenant_of(request));
    SCAI_TRY(const auto body, request.json_object());
    scai::json::Fields fields(body, "body");
    const auto key = read_key(fields);
    if (!key && !fields.error())
        fields.reject("api_key", "is required");
    auto base_url = read_base_url(context, fields);
    if (auto error = fields.error())
        return *error;
    SCAI_TRY(const auto lock, lock_of(context, tenant));
    if (!base_url) {
        // A torn pair is what this request repairs: its base URL is gone.
        const auto before = context.tenant_credentials.get(tenant);
        if (!before && before.error().code != "scaigrid_credentials_torn")
            return before.error();
        base_url = before && *before && !(*before)->base_url.empty() ? (*before)->base_url
                                                                     : server_base_url(context);
    }
    const scai::SecretText secret(*key);
    SCAI_TRY([[maybe_unused]] const auto done,
             audited(context, request, tenant, "tenant.scaigrid_credentials_set",
                     Value::object({{"masked_key", vault::masked(*key)}, {"base_url", *base_url}}),
                     [&] { return context.tenant_credentials.put(tenant, secret, *base_url); }));
    return scai::web::Response::no_content();
}

} // namespace scaiflow::tenants_api
