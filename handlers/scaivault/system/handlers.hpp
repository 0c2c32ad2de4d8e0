// The endpoints of the group `system`. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/app/context.hpp"

#include <span>

namespace scaivault::system_api {

using Answer = scai::Result<scai::web::Response>;

Answer get_health(Context& context, const scai::web::Request& request);
Answer get_ready(Context& context, const scai::web::Request& request);
Answer get_detailed(Context& context, const scai::web::Request& request);
Answer get_metrics(Context& context, const scai::web::Request& request);
Answer get_version(Context& context, const scai::web::Request& request);

std::span<const Endpoint> routes();

} // namespace scaivault::system_api
