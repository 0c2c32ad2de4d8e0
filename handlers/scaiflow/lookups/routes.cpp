// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/lookups/handlers.hpp"
#include "lib/scaiflow/app/permissions.hpp"

namespace scaiflow::lookups_api {

using scai::web::Access;
using scai::web::no_body;

namespace {

constexpr auto view = Access::permission(permission_view);

constexpr scai::web::Route<Context> table[] = {
    {"GET", "/v1/scaiqueue/scopes", view, no_body, list_scopes},
    {"GET", "/v1/scaiqueue/scopes/{scope_id}/queues", view, no_body, list_queues},
    {"GET", "/v1/scaibunker/bunkers", view, no_body, list_bunkers},
    {"GET", "/v1/scaigrid/models", view, no_body, list_models},
};

} // namespace

std::span<const scai::web::Route<Context>> routes() {
    return table;
}

} // namespace scaiflow::lookups_api
