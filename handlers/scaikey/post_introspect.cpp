// Introspection, RFC 7662. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_oauth.hpp"
#include "lib/scaikey/oauth/endpoint.hpp"
#include "lib/scaikey/oauth/rules.hpp"
#include "lib/scaikey/oauth/tokens.hpp"

namespace scaikey {

Answer post_introspect(Context& context, const scai::web::Request& request) {
    return oauth::serve_client(context, request, [&](const oauth::Caller& caller) -> Answer {
        // RFC 7662 4: whoever can ask without a secret can try tokens.
        if (!caller.client.confidential())
            return oauth::oauth_error("unauthorized_client",
                                      "introspection is for WEB and SERVICE applications");
        const auto token = caller.form.find("token");
        if (token == caller.form.end() || token->second.empty())
            return oauth::oauth_error("invalid_request", "token is missing");
        return scai::web::Response::json(
            oauth::introspect(context, caller.realm, caller.client, token->second));
    });
}

} // namespace scaikey
