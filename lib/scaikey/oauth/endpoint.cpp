// SPDX-License-Identifier: Apache-2.0
#include "lib/scaikey/oauth/endpoint.hpp"

#include "lib/scaikey/oauth/realm.hpp"
#include "lib/scaikey/oauth/rules.hpp"
#include "lib/scaikey/oauth/tokens.hpp"
#include "lib/web/router.hpp"

#include <algorithm>

namespace scaikey::oauth {

namespace {

using scai::web::Request;
using scai::web::Response;

scai::Result<Caller> caller_of(Context& context, const Request& request) {
    SCAI_TRY(auto realm, realm_of(context, request));
    auto form = request.form();
    if (!form)
        return oauth_error("invalid_request", form.error().message);
    SCAI_TRY(auto client, authenticate_client(context, realm, request.header("authorization"), *form));
    return Caller{std::move(realm), std::move(client), std::move(*form)};
}

Response written(scai::Result<Response> result, const Request& request) {
    if (!result)
        return scai::web::error_response(result.error(), scai::web::Envelope::scaiflow, request.request_id);
    return std::move(result).value();
}

} // namespace

void allow_origin(Response& response, const Request& request, const Client& client) {
    const auto origin = request.header("origin");
    if (origin.empty())
        return;
    response.header("Vary", "Origin");
    if (std::ranges::find(client.allowed_origins, origin) != client.allowed_origins.end())
        response.header("Access-Control-Allow-Origin", std::string(origin));
}

Response serve_client(Context& context, const Request& request,
                      const std::function<scai::Result<Response>(const Caller&)>& work) {
    auto caller = caller_of(context, request);
    if (!caller)
        return written(std::move(caller).error(), request);
    auto response = written(work(*caller), request);
    allow_origin(response, request, caller->client);
    response.header("Cache-Control", "no-store").header("Pragma", "no-cache");
    return response;
}

} // namespace scaikey::oauth
