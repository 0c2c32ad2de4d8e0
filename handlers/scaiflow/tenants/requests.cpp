// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/tenants/requests.hpp"

#include "lib/http/address.hpp"
#include "lib/scaiflow/vault/store.hpp"

namespace scaiflow::tenants_api {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::web::Request;

Result<std::string> tenant_of(const Request& request) {
    if (request.principal.tenant_id.empty())
        return Error{.kind = ErrorKind::forbidden,
                     .code = "forbidden",
                     .message = "the token names no tenant",
                     .extra = {{"required", "tenant"}}};
    return request.principal.tenant_id;
}

std::optional<std::string> read_key(scai::json::Fields& fields) {
    auto key = fields.optional_text("api_key", {.max = 512});
    if (key && !vault::valid_key(*key))
        fields.reject("api_key", "must be sgk_ and 8 to 508 further visible ASCII characters");
    return key;
}

std::optional<std::string> read_base_url(const Context& context, scai::json::Fields& fields) {
    const auto text = fields.optional_text("base_url", {.max = 2048});
    if (!text)
        return std::nullopt;
    auto url = vault::normal_base_url(*text);
    if (url.empty())
        fields.reject("base_url", "must be an http or https URL without user, query and fragment");
    else if (url != server_base_url(context) && !context.settings.flag("SCAIGRID_ALLOW_PRIVATE") &&
             !scai::http::host_is_public(url).value_or(true))
        fields.reject("base_url", "must not be a private or loopback address");
    return url;
}

std::string server_base_url(const Context& context) {
    return vault::normal_base_url(context.settings.text("SCAIGRID_BASE_URL"));
}

Result<std::unique_ptr<scai::db::AdvisoryLock>> lock_of(Context& context, const std::string& tenant_id) {
    auto lock = scai::db::AdvisoryLock::try_acquire(context.pool.settings(),
                                                    scai::db::lock_key("scaiflow credentials " + tenant_id));
    if (!lock)
        return Error{.kind = ErrorKind::conflict,
                     .code = "change_running",
                     .message = "the credentials are being changed by another request",
                     .fix = "try again",
                     .retry_after_seconds = 2};
    return lock;
}

scai::Status audited(Context& context, const Request& request, const std::string& tenant_id,
                     const std::string& action, const scai::json::Value& after,
                     const std::function<scai::Status()>& effect) {
    const auto write = [&](const std::string& what) {
        scai::db::in_tx(context.pool, scai::db::Scope::tenant(tenant_id), [&](scai::db::Tx& tx) {
            vault::audit(tx, tenant_id, request.principal.subject, what, after, request.request_id);
        });
    };
    write(action);
    auto done = effect();
    if (!done)
        write(action + "_failed");
    return done;
}

} // namespace scaiflow::tenants_api
