// Calls of Cores, events, runs, checkpoints, triggers (contract scaigrid.md 4, 5). SPDX-License-Identifier:
// Apache-2.0
#include "handlers/scaigrid/handlers.hpp"
#include "handlers/scaigrid/handlers_runs.hpp"

#include <array>

namespace scaigrid {

using scai::web::Access;
using scai::web::no_body;
using scai::web::Route;
using scai::web::small_body;

namespace {

constexpr Access resolves = Access::permission("scaicore:checkpoint_resolve");
constexpr std::size_t input_body = 1U << 20U;

// clang-format off
constexpr std::array run_table{
    Route<Context>{"POST", "/v1/modules/scaicore/cores/{core_id}/invoke",   manages_cores, input_body, invoke_core},
    Route<Context>{"POST", "/v1/modules/scaicore/cores/{core_id}/events",   manages_cores, input_body, send_core_event},
    Route<Context>{"GET",  "/v1/modules/scaicore/cores/{core_id}/triggers", manages_cores, no_body,    list_triggers},
    Route<Context>{"POST", "/v1/modules/scaicore/cores/{core_id}/triggers/{name}/rotate_secret",
                                                                            manages_cores, no_body,    rotate_hook_secret},
    Route<Context>{"POST", "/v1/modules/scaicore/hooks/{core_id}/{name}",   Access::signature(),
                                                                                           input_body, receive_hook},

    Route<Context>{"GET",  "/v1/modules/scaicore/events",                   views_cores,   no_body,    list_events},
    Route<Context>{"GET",  "/v1/modules/scaicore/executions",               views_cores,   no_body,    list_executions},
    Route<Context>{"GET",  "/v1/modules/scaicore/executions/{execution_id}", views_cores,  no_body,    get_execution},

    Route<Context>{"GET",  "/v1/modules/scaicore/checkpoints",              views_cores,   no_body,    list_checkpoints},
    Route<Context>{"GET",  "/v1/modules/scaicore/checkpoints/{checkpoint_id}", views_cores, no_body,   get_checkpoint},
    Route<Context>{"POST", "/v1/modules/scaicore/checkpoints/{checkpoint_id}/resolve",
                                                                            resolves,      small_body, resolve_checkpoint},
    Route<Context>{"POST", "/v1/modules/scaicore/checkpoints/{checkpoint_id}/cancel",
                                                                            resolves,      small_body, cancel_checkpoint},
    Route<Context>{"POST", "/v1/modules/scaicore/checkpoints/{checkpoint_id}/reassign",
                                                                            resolves,      small_body, reassign_checkpoint},
};
// clang-format on

} // namespace

std::vector<scai::web::ErasedRoute> run_routes(Context& context) {
    return scai::web::bind_routes<Context>(run_table, context);
}

} // namespace scaigrid
