// The endpoints of the group `webhooks`. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/app/context.hpp"
#include "lib/web/http.hpp"

#include <span>

namespace scaiflow::webhooks_api {

std::span<const scai::web::Route<Context>> routes();

scai::Result<scai::web::Response> receive_event(Context& context, const scai::web::Request& request);

} // namespace scaiflow::webhooks_api
