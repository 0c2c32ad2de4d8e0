// Endpoints of the group `audit`, in table order (contract scaivault.md 1.13). SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/scaivault/app/context.hpp"
#include "lib/scaivault/app/endpoint.hpp"

#include <span>

namespace scaivault::audit_api {

using Answer = scai::Result<scai::web::Response>;

Answer list_logs(Context& context, const scai::web::Request& request);
Answer get_secret_trail(Context& context, const scai::web::Request& request);
Answer get_identity_trail(Context& context, const scai::web::Request& request);
Answer get_summary(Context& context, const scai::web::Request& request);
Answer create_export(Context& context, const scai::web::Request& request);
Answer list_exports(Context& context, const scai::web::Request& request);
Answer get_export(Context& context, const scai::web::Request& request);

std::span<const Endpoint> routes();

} // namespace scaivault::audit_api
