// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers.hpp"

#include <iterator>
#include <utility>

namespace scaigrid {

std::vector<scai::web::ErasedRoute> make_routes(Context& context) {
    std::vector<scai::web::ErasedRoute> out;
    for (const auto table : {
             platform_routes,
             core_routes,
             run_routes,
             chat_routes,
             queue_routes,
             bunker_routes,
         }) {
        auto routes = table(context);
        out.insert(out.end(), std::make_move_iterator(routes.begin()), std::make_move_iterator(routes.end()));
    }
    return out;
}

} // namespace scaigrid
