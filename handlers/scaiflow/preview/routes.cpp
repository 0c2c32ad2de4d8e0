// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/preview/handlers.hpp"
#include "lib/scaiflow/app/permissions.hpp"

namespace scaiflow::preview_api {

using scai::web::Access;
using scai::web::large_body;

namespace {

constexpr auto view = Access::permission(permission_view);

constexpr scai::web::Route<Context> table[] = {
    {"POST", "/v1/flows/compile", view, large_body, compile_flow},
    {"POST", "/v1/flows/validate", view, large_body, validate_flow},
};

} // namespace

std::span<const scai::web::Route<Context>> routes() {
    return table;
}

} // namespace scaiflow::preview_api
