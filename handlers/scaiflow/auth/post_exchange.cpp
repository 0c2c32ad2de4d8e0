// POST /v1/auth/exchange. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/auth/handlers.hpp"

#include "lib/json/decode.hpp"
#include "lib/scaiflow/auth/service.hpp"

namespace scaiflow::auth_api {

scai::Result<scai::web::Response> post_exchange(Context& context, const scai::web::Request& request) {
    SCAI_TRY(auto body, request.json_object());
    scai::json::Fields fields(std::move(body), "body");
    const auth::ExchangeRequest wanted{.code = fields.text("code"),
                                       .verifier = fields.text("code_verifier"),
                                       .redirect_uri = fields.text("redirect_uri")};
    if (auto error = fields.error())
        return *error;
    SCAI_TRY(const auto tokens, auth::exchange(context, wanted));
    return scai::web::Response::json(tokens);
}

} // namespace scaiflow::auth_api
