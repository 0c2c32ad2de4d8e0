// Directory admin API (contract scaikey.md 9-14). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers.hpp"

namespace scaikey {

std::vector<scai::web::ErasedRoute> directory_routes(Context& /*context*/) {
    return {};
}

} // namespace scaikey
