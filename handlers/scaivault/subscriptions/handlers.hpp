// Endpoints of the group subscriptions (contract scaivault.md 1.7), in table order. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/scaivault/app/context.hpp"

namespace scaivault::subscriptions_api {

using scai::web::Request;
using scai::web::Response;

scai::Result<Response> list_subscriptions(Context& context, const Request& request);
scai::Result<Response> create_subscription(Context& context, const Request& request);
scai::Result<Response> get_subscription(Context& context, const Request& request);
scai::Result<Response> update_subscription(Context& context, const Request& request);
scai::Result<Response> delete_subscription(Context& context, const Request& request);
scai::Result<Response> poll_events(Context& context, const Request& request);
scai::Result<Response> ack_events(Context& context, const Request& request);

std::span<const Endpoint> routes();

} // namespace scaivault::subscriptions_api
