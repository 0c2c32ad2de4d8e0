// DELETE /v1/tenants/me/scaigrid_credentials: both secrets are removed for good, the key first, so that no
// key is left without its base URL. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/tenants/handlers.hpp"
#include "handlers/scaiflow/tenants/requests.hpp"

namespace scaiflow::tenants_api {

using scai::json::Value;

scai::Result<scai::web::Response> delete_credentials(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto tenant, tenant_of(request));
    SCAI_TRY(const auto lock, lock_of(context, tenant));
    const auto remove = [&]() -> scai::Status {
        SCAI_TRY([[maybe_unused]] const bool removed, context.tenant_credentials.remove(tenant));
        return scai::Done{};
    };
    SCAI_TRY(
        [[maybe_unused]] const auto done,
        audited(context, request, tenant, "tenant.scaigrid_credentials_deleted", Value::object(), remove));
    return scai::web::Response::no_content();
}

} // namespace scaiflow::tenants_api
