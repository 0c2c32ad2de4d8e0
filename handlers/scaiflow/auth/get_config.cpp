// GET /v1/auth/config. SPDX-License-Identifier: Apache-2.0
#include "handlers/scaiflow/auth/handlers.hpp"

#include "lib/scaiflow/auth/service.hpp"

namespace scaiflow::auth_api {

scai::Result<scai::web::Response> get_config(Context& context, const scai::web::Request& request) {
    return scai::web::Response::json(auth::public_config(context, request.base_url));
}

} // namespace scaiflow::auth_api
