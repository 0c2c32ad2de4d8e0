// Endpoints of the group `secrets`, in table order. All but rotation serve /v1/secrets and
// /v1/partner/secrets; whose secrets they are is decided in requests.cpp. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/app/context.hpp"

#include <span>

namespace scaivault::secrets_api {

using scai::web::Request;
using scai::web::Response;

/// GET /v1/secrets/{path}: its statement confirms the caller.
inline constexpr auto read_access = scai::web::Access::permission("secrets:read").admitted_by_endpoint();

std::span<const Endpoint> routes();

scai::Result<Response> list_secrets(Context& context, const Request& request);
scai::Result<Response> list_expiring(Context& context, const Request& request);
scai::Result<Response> read_batch(Context& context, const Request& request);
scai::Result<Response> read_batch_metadata(Context& context, const Request& request);
scai::Result<Response> read_secret(Context& context, const Request& request);
scai::Result<Response> write_secret(Context& context, const Request& request);
scai::Result<Response> delete_secret(Context& context, const Request& request);
scai::Result<Response> get_metadata(Context& context, const Request& request);
scai::Result<Response> patch_metadata(Context& context, const Request& request);
scai::Result<Response> list_versions(Context& context, const Request& request);
scai::Result<Response> restore_secret(Context& context, const Request& request);
scai::Result<Response> rotate_secret(Context& context, const Request& request);

} // namespace scaivault::secrets_api
