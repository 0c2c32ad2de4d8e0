// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaikey/handlers.hpp"

#include <iterator>
#include <utility>

namespace scaikey {

std::vector<scai::web::ErasedRoute> make_routes(Context& context) {
    auto routes = oauth_routes(context);
    auto directory = directory_routes(context);
    routes.insert(routes.end(), std::make_move_iterator(directory.begin()),
                  std::make_move_iterator(directory.end()));
    return with_slash_redirects(with_fresh_verdicts(std::move(routes), context.verdicts));
}

} // namespace scaikey
