// Token endpoint, RFC 6749 3.2. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_oauth.hpp"
#include "lib/scaikey/oauth/endpoint.hpp"
#include "lib/scaikey/oauth/tokens.hpp"

namespace scaikey {

Answer post_token(Context& context, const scai::web::Request& request) {
    return oauth::serve_client(context, request, [&](const oauth::Caller& caller) -> Answer {
        SCAI_TRY(const auto answer, oauth::token_response(context, caller.realm, caller.client, caller.form));
        return scai::web::Response::json(answer);
    });
}

} // namespace scaikey
