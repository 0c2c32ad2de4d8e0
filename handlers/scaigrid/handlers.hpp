// The endpoints of the embedded ScaiGrid: one table a module. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaigrid/app/context.hpp"

#include <vector>

namespace scaigrid {

/// Of two tables: Cores, and what they run.
inline constexpr auto views_cores = scai::web::Access::permission("scaicore:view");
inline constexpr auto manages_cores = scai::web::Access::permission("scaicore:manage");

/// All tables.
std::vector<scai::web::ErasedRoute> make_routes(Context& context);
std::vector<scai::web::ErasedRoute>
platform_routes(Context& context);                                 ///< health, caller, keys, users, faults
std::vector<scai::web::ErasedRoute> core_routes(Context& context); ///< Cores, models
std::vector<scai::web::ErasedRoute> run_routes(Context& context);  ///< calls, events, checkpoints, triggers
std::vector<scai::web::ErasedRoute> chat_routes(Context& context);
std::vector<scai::web::ErasedRoute> queue_routes(Context& context);  ///< ScaiQueue
std::vector<scai::web::ErasedRoute> bunker_routes(Context& context); ///< ScaiBunker

} // namespace scaigrid
