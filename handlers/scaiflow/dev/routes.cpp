// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/dev/handlers.hpp"

namespace scaiflow::dev_api {

namespace {

// The endpoint compares the bearer itself: it is no token of ScaiKey.
constexpr scai::web::Route<Context> table[] = {
    {"POST", "/v1/dev/deploy", scai::web::Access::signature(), scai::web::large_body, deploy_content},
};

} // namespace

std::span<const scai::web::Route<Context>> routes() {
    return table;
}

} // namespace scaiflow::dev_api
