// RFC 7517 5: every key that signed a token which may still be valid, and the one that will sign next.
// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_oauth.hpp"
#include "lib/scaikey/oauth/realm.hpp"

namespace scaikey {

Answer get_jwks(Context& context, const scai::web::Request& request) {
    SCAI_TRY(const auto realm, oauth::realm_of(context, request));
    (void)realm; // platform and tenants share their keys
    auto response = scai::web::Response::json(context.keys.published());
    // A cache on the way may not hide a new key for longer than it is announced.
    response.header("Cache-Control", "public, max-age=10").header("Access-Control-Allow-Origin", "*");
    return response;
}

} // namespace scaikey
