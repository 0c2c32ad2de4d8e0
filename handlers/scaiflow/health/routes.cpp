// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/health/handlers.hpp"

namespace scaiflow::health_api {

using scai::web::Access;
using scai::web::no_body;

namespace {

constexpr scai::web::Route<Context> table[] = {
    {"GET", "/v1/health", Access::open(), no_body, get_health},
    {"GET", "/v1/health/ready", Access::open(), no_body, get_ready},
    {"GET", "/v1/metrics", Access::open(), no_body, get_metrics},
};

} // namespace

std::span<const scai::web::Route<Context>> routes() {
    return table;
}

} // namespace scaiflow::health_api
