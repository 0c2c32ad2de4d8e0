// The endpoints of the group `auth`. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/app/context.hpp"

#include <span>

namespace scaivault::auth_api {

using Answer = scai::Result<scai::web::Response>;

Answer whoami(Context& context, const scai::web::Request& request);
Answer introspect(Context& context, const scai::web::Request& request);
Answer exchange_token(Context& context, const scai::web::Request& request);
Answer list_trusts(Context& context, const scai::web::Request& request);
Answer create_trust(Context& context, const scai::web::Request& request);
Answer delete_trust(Context& context, const scai::web::Request& request);

std::span<const Endpoint> routes();

} // namespace scaivault::auth_api
