// The endpoints of the group `scaicore`. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/app/context.hpp"
#include "lib/web/http.hpp"

#include <span>

namespace scaiflow::scaicore_api {

std::span<const scai::web::Route<Context>> routes();

scai::Result<scai::web::Response> list_events(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> stream_events(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> list_checkpoints(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> get_checkpoint(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> resolve_checkpoint(Context& context, const scai::web::Request& request);
scai::Result<scai::web::Response> invoke_core(Context& context, const scai::web::Request& request);

} // namespace scaiflow::scaicore_api
