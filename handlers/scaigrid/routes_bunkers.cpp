// ScaiBunker (contract scaigrid.md 7). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers.hpp"
#include "handlers/scaigrid/handlers_queues.hpp"

#include <array>

namespace scaigrid {

using scai::web::Access;
using scai::web::large_body;
using scai::web::no_body;
using scai::web::Route;
using scai::web::small_body;

namespace {

constexpr Access creates = Access::permission("scaibunker:create");
constexpr Access executes = Access::permission("scaibunker:execute");
constexpr Access files = Access::permission("scaibunker:files");

// clang-format off
constexpr std::array bunker_table{
    Route<Context>{"GET",    "/v1/modules/scaibunker/bunkers",                      creates,  no_body,    list_bunkers},
    Route<Context>{"POST",   "/v1/modules/scaibunker/bunkers",                      creates,  small_body, create_bunker},
    Route<Context>{"GET",    "/v1/modules/scaibunker/bunkers/{bunker_id}",          creates,  no_body,    get_bunker},
    Route<Context>{"DELETE", "/v1/modules/scaibunker/bunkers/{bunker_id}",          creates,  no_body,    delete_bunker},
    Route<Context>{"POST",   "/v1/modules/scaibunker/bunkers/{bunker_id}/pause",    creates,  small_body, change_bunker},
    Route<Context>{"POST",   "/v1/modules/scaibunker/bunkers/{bunker_id}/resume",   creates,  small_body, change_bunker},
    Route<Context>{"POST",   "/v1/modules/scaibunker/bunkers/{bunker_id}/snapshot", creates,  small_body, change_bunker},
    Route<Context>{"POST",   "/v1/modules/scaibunker/bunkers/{bunker_id}/exec",     executes, small_body, use_bunker},
    Route<Context>{"PUT",    "/v1/modules/scaibunker/bunkers/{bunker_id}/files",    files,    large_body, use_bunker},
    Route<Context>{"GET",    "/v1/modules/scaibunker/bunkers/{bunker_id}/files",    files,    no_body,    use_bunker},
    Route<Context>{"DELETE", "/v1/modules/scaibunker/bunkers/{bunker_id}/files",    files,    no_body,    use_bunker},
    Route<Context>{"GET",    "/v1/modules/scaibunker/quota-profiles/usage",         creates,  no_body,    get_bunker_usage},
};
// clang-format on

} // namespace

std::vector<scai::web::ErasedRoute> bunker_routes(Context& context) {
    return scai::web::bind_routes<Context>(bunker_table, context);
}

} // namespace scaigrid
