// What PUT and PATCH of a policy have in common. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "handlers/scaivault/policies/views.hpp"

namespace scaivault::policies_api {

scai::Result<scai::web::Response> change_policy(Context& context, const scai::web::Request& request,
                                                Wanted which);

} // namespace scaivault::policies_api
