// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/scaicore/handlers.hpp"
#include "lib/scaiflow/app/permissions.hpp"

namespace scaiflow::scaicore_api {

using scai::web::Access;
using scai::web::large_body;
using scai::web::no_body;
using scai::web::small_body;

namespace {

constexpr auto view = Access::permission(permission_view);
constexpr auto manage = Access::permission(permission_manage);

constexpr scai::web::Route<Context> table[] = {
    {"GET", "/v1/scaicore/events", view, no_body, list_events},
    {"GET", "/v1/scaicore/events/stream", view, no_body, stream_events},
    {"GET", "/v1/scaicore/checkpoints", view, no_body, list_checkpoints},
    {"GET", "/v1/scaicore/checkpoints/{checkpoint_id}", view, no_body, get_checkpoint},
    {"POST", "/v1/scaicore/checkpoints/{checkpoint_id}/resolve", manage, small_body, resolve_checkpoint},
    {"POST", "/v1/scaicore/cores/{core_id}/invoke", manage, large_body, invoke_core},
};

} // namespace

std::span<const scai::web::Route<Context>> routes() {
    return table;
}

} // namespace scaiflow::scaicore_api
