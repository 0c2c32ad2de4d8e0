// POST /v1/auth/refresh. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/auth/handlers.hpp"

#include "lib/json/decode.hpp"
#include "lib/scaiflow/auth/service.hpp"

namespace scaiflow::auth_api {

scai::Result<scai::web::Response> post_refresh(Context& context, const scai::web::Request& request) {
    SCAI_TRY(auto body, request.json_object());
    scai::json::Fields fields(std::move(body), "body");
    const auto refresh_token = fields.text("refresh_token");
    if (auto error = fields.error())
        return *error;
    SCAI_TRY(const auto tokens, auth::refresh(context, refresh_token));
    return scai::web::Response::json(tokens);
}

} // namespace scaiflow::auth_api
