// Cores and models (contract scaigrid.md 4, 5.3, 8). SPDX-License-Identifier: Apache-2.0
#include "handlers/scaigrid/handlers.hpp"
#include "handlers/scaigrid/handlers_cores.hpp"

#include <array>

namespace scaigrid {

using scai::web::Access;
using scai::web::large_body;
using scai::web::no_body;
using scai::web::Route;
using scai::web::small_body;

namespace {

constexpr Access lists_models = Access::permission("models:list");
constexpr std::size_t bundle_body = large_body + (64U << 10U); ///< the form around a file of 10 MB

// clang-format off
constexpr std::array core_table{
    Route<Context>{"POST",   "/v1/modules/scaicore/cores",                       manages_cores, large_body,  create_core},
    Route<Context>{"POST",   "/v1/modules/scaicore/cores/parse-bundle",          manages_cores, bundle_body, parse_bundle},
    Route<Context>{"GET",    "/v1/modules/scaicore/cores",                       views_cores,   no_body,     list_cores},
    Route<Context>{"GET",    "/v1/modules/scaicore/cores/{core_id}",             views_cores,   no_body,     get_core},
    Route<Context>{"PUT",    "/v1/modules/scaicore/cores/{core_id}",             manages_cores, large_body,  update_core},
    Route<Context>{"DELETE", "/v1/modules/scaicore/cores/{core_id}",             manages_cores, no_body,     delete_core},
    Route<Context>{"POST",   "/v1/modules/scaicore/cores/{core_id}/start",       manages_cores, small_body,  start_core},
    Route<Context>{"POST",   "/v1/modules/scaicore/cores/{core_id}/stop",        manages_cores, small_body,  stop_core},
    Route<Context>{"POST",   "/v1/modules/scaicore/cores/{core_id}/restart",     manages_cores, small_body,  restart_core},
    Route<Context>{"POST",   "/v1/modules/scaicore/cores/{core_id}/pause",       manages_cores, small_body,  pause_core},
    Route<Context>{"POST",   "/v1/modules/scaicore/cores/{core_id}/resume",      manages_cores, small_body,  resume_core},
    Route<Context>{"POST",   "/v1/modules/scaicore/cores/{core_id}/publish",     manages_cores, small_body,  publish_core},
    Route<Context>{"POST",   "/v1/modules/scaicore/cores/{core_id}/publish/sync", manages_cores, small_body, sync_core},
    Route<Context>{"POST",   "/v1/modules/scaicore/cores/{core_id}/unpublish",   manages_cores, small_body,  unpublish_core},

    Route<Context>{"GET",    "/v1/models",                                       lists_models, no_body, list_models},
    Route<Context>{"GET",    "/v1/models/{slug...}",                             lists_models, no_body, get_model},
    Route<Context>{"GET",    "/v1/models/{model_id}/avatar",                     Access::open(), no_body, get_avatar},
    Route<Context>{"GET",    "/oai/v1/models",                                   lists_models, no_body, list_openai_models},
};
// clang-format on

} // namespace

std::vector<scai::web::ErasedRoute> core_routes(Context& context) {
    return scai::web::bind_routes<Context>(core_table, context);
}

} // namespace scaigrid
