// OpenID Connect endpoints (contract scaikey.md 4, 5). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers.hpp"

namespace scaikey {

std::vector<scai::web::ErasedRoute> oauth_routes(Context& /*context*/) {
    return {};
}

} // namespace scaikey
