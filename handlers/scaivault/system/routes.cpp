// SPDX-License-Identifier: Apache-2.0
#include "handlers/scaivault/system/handlers.hpp"

#include <array>

namespace scaivault::system_api {

using scai::web::Access;
using scai::web::no_body;

namespace {

constexpr std::array endpoints{
    Endpoint{{"GET", "/v1/health", Access::open(), no_body, get_health}, "", ""},
    Endpoint{{"GET", "/v1/health/ready", Access::open(), no_body, get_ready}, "", ""},
    Endpoint{{"GET", "/v1/health/detailed", Access::permission("admin"), no_body, get_detailed},
             "",
             "health_read",
             "",
             /*without_database=*/true},
    Endpoint{{"GET", "/v1/metrics", Access::signature(), no_body, get_metrics}, "", ""},
    Endpoint{{"GET", "/v1/version", Access::open(), no_body, get_version}, "", ""},
};

} // namespace

std::span<const Endpoint> routes() {
    return endpoints;
}

} // namespace scaivault::system_api
