// The OIDC endpoints, in table order. Each serves the platform and the tenant flavour.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaikey/app/context.hpp"

namespace scaikey {

using Answer = scai::Result<scai::web::Response>;

Answer get_discovery(Context& context, const scai::web::Request& request);
Answer get_jwks(Context& context, const scai::web::Request& request);
Answer get_authorize(Context& context, const scai::web::Request& request);
Answer post_authorize(Context& context, const scai::web::Request& request);
Answer post_token(Context& context, const scai::web::Request& request);
Answer get_userinfo(Context& context, const scai::web::Request& request);
Answer options_userinfo(Context& context, const scai::web::Request& request);
Answer post_introspect(Context& context, const scai::web::Request& request);
Answer post_revoke(Context& context, const scai::web::Request& request);
Answer get_logout(Context& context, const scai::web::Request& request);
Answer post_logout(Context& context, const scai::web::Request& request);

} // namespace scaikey
