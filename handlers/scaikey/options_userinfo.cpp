// Preflight of UserInfo: a browser asks before it sends Authorization to another origin. The answer to the
// request itself then names the origins its client registered. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers_oauth.hpp"

namespace scaikey {

Answer options_userinfo(Context& /*context*/, const scai::web::Request& /*request*/) {
    auto response = scai::web::Response::no_content();
    response.header("Allow", "GET, HEAD, POST, OPTIONS")
        .header("Access-Control-Allow-Origin", "*")
        .header("Access-Control-Allow-Methods", "GET, POST")
        .header("Access-Control-Allow-Headers", "Authorization")
        .header("Access-Control-Max-Age", "600");
    return response;
}

} // namespace scaikey
