// What both endpoints share: the request but for what is deployed, and the answer. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/scaiflow/app/context.hpp"
#include "lib/scaiflow/deploy/service.hpp"

namespace scaiflow::deploy_api {

/// {publish_as_model?: bool|null}, Idempotency-Key, the caller.
scai::Result<deploy::Wish> wish_of(const scai::web::Request& request);
scai::Result<scai::web::Response> carry_out(Context& context, const scai::web::Request& request,
                                            const deploy::Wish& wish);

} // namespace scaiflow::deploy_api
