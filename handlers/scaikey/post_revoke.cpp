// Revocation, RFC 7009. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_oauth.hpp"
#include "lib/scaikey/oauth/endpoint.hpp"
#include "lib/scaikey/oauth/rules.hpp"
#include "lib/scaikey/oauth/tokens.hpp"

namespace scaikey {

Answer post_revoke(Context& context, const scai::web::Request& request) {
    return oauth::serve_client(context, request, [&](const oauth::Caller& caller) -> Answer {
        const auto token = caller.form.find("token");
        if (token == caller.form.end() || token->second.empty())
            return oauth::oauth_error("invalid_request", "token is missing");
        SCAI_TRY([[maybe_unused]] auto done,
                 oauth::revoke(context, caller.realm, caller.client, token->second));
        return scai::web::Response{};
    });
}

} // namespace scaikey
