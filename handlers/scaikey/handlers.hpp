// The endpoints of the embedded ScaiKey. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaikey/app/context.hpp"

#include <vector>

namespace scaikey {

/// Both tables, with the slashless twins of collections.
std::vector<scai::web::ErasedRoute> make_routes(Context& context);
std::vector<scai::web::ErasedRoute> oauth_routes(Context& context);
std::vector<scai::web::ErasedRoute> directory_routes(Context& context);

} // namespace scaikey
