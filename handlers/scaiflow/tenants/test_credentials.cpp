// POST /v1/tenants/me/scaigrid_credentials/test: asks the ScaiGrid who the key belongs to. The body may bring
// a key that is not stored yet, and a base URL with it; a base URL alone is refused, because the stored key
// would go wherever it says. What ScaiGrid answers is the result, also when it is a refusal.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/tenants/handlers.hpp"
#include "handlers/scaiflow/tenants/requests.hpp"
#include "lib/scaiflow/grid/client.hpp"

namespace scaiflow::tenants_api {

using scai::Error;
using scai::ErrorKind;
using scai::Result;
using scai::json::Value;
using scai::web::Request;
using scai::web::Response;

namespace {

constexpr auto limit = std::chrono::seconds(10);

struct Trial {
    grid::Credential credential;
    std::string_view source; ///< body, stored
};

Result<Trial> trial_of(Context& context, const Request& request, const std::string& tenant) {
    SCAI_TRY(const auto body, request.json_object(true));
    scai::json::Fields fields(body, "body");
    const auto key = read_key(fields);
    const auto base_url = read_base_url(context, fields);
    if (base_url && !key)
        fields.reject("base_url",
                      "needs api_key beside it: the stored key is tried at its own base URL only");
    if (auto error = fields.error())
        return *error;
    Trial out{.credential = {}, .source = key ? "body" : "stored"};
    vault::TenantCredentials::Found stored;
    if (!base_url) {
        auto found = context.tenant_credentials.get(tenant);
        if (!found && !key)
            return found.error();
        if (found)
            stored = *found;
    }
    if (!key && !stored)
        return Error{.kind = ErrorKind::precondition_failed,
                     .code = "missing_credentials",
                     .message = "the tenant has no key that could be tried",
                     .fix = "send api_key, or set it with POST /v1/tenants/me/scaigrid_credentials"};
    out.credential.kind = grid::Credential::Kind::tenant_key;
    out.credential.bearer = key ? scai::SecretText(*key) : stored->key.duplicate();
    const auto server = server_base_url(context);
    out.credential.base_url = base_url                              ? *base_url
                              : stored && !stored->base_url.empty() ? stored->base_url
                                                                    : server;
    out.credential.public_only =
        out.credential.base_url != server && !context.settings.flag("SCAIGRID_ALLOW_PRIVATE");
    return out;
}

Value account_of(const Value& me) {
    auto out = Value::object();
    for (const char* key : {"id", "email", "display_name", "tenant_id", "permissions"})
        if (const auto value = me.get(key); value.present())
            out.set(key, value);
    return out;
}

} // namespace

Result<Response> test_credentials(Context& context, const Request& request) {
    SCAI_TRY(const auto tenant, tenant_of(request));
    SCAI_TRY(const auto trial, trial_of(context, request, tenant));
    const auto began = std::chrono::steady_clock::now();
    const auto answer = grid::Client(*context.http, trial.credential, request.request_id)
                            .send({.path = "/v1/me", .timeout = limit, .max_body = 1U << 20U});
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    auto out = Value::object({{"ok", answer && answer->ok()},
                              {"tried", trial.source},
                              {"base_url", trial.credential.base_url},
                              {"masked_key", vault::masked(trial.credential.bearer.reveal())},
                              {"duration_ms", std::int64_t{took.count()}}});
    if (!answer)
        return Response::json(out.set("error", answer.error().code).set("message", answer.error().message));
    out.set("status", answer->status);
    if (answer->ok())
        return Response::json(out.set("account", account_of(answer->data)));
    out.set("error", answer->code.empty() ? Value("upstream_refused") : Value(answer->code));
    out.set("message", answer->message);
    return Response::json(out);
}

} // namespace scaiflow::tenants_api
