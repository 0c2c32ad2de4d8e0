// Endpoints of the group webhooks (contract scaivault.md 1.6), in table order. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/scaivault/app/context.hpp"

namespace scaivault::webhooks_api {

using scai::web::Request;
using scai::web::Response;

scai::Result<Response> list_webhooks(Context& context, const Request& request);
scai::Result<Response> create_webhook(Context& context, const Request& request);
scai::Result<Response> get_webhook(Context& context, const Request& request);
scai::Result<Response> update_webhook(Context& context, const Request& request);
scai::Result<Response> delete_webhook(Context& context, const Request& request);
scai::Result<Response> test_webhook(Context& context, const Request& request);
scai::Result<Response> list_deliveries(Context& context, const Request& request);
scai::Result<Response> get_delivery(Context& context, const Request& request);
scai::Result<Response> retry_delivery(Context& context, const Request& request);

std::span<const Endpoint> routes();

} // namespace scaivault::webhooks_api
