// What gate, hook and open endpoints share. Private to this folder. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/app/context.hpp"
#include "lib/scaivault/app/exchange.hpp"

#include <string_view>

namespace scaivault {

/// Sets exchange.endpoint and the action of the audit row from the route that matched; leaves them when none
/// did.
void find_endpoint(Exchange& exchange, const scai::web::Request& request);

/// Draws from the bucket; rate_limited with details.category when it is empty.
scai::Status take_as(Context& context, Exchange& exchange, std::string_view category,
                     std::string_view identity);
/// The same with the category of the endpoint; nothing is drawn when it has none.
scai::Status take_from_bucket(Context& context, Exchange& exchange, const scai::web::Request& request,
                              std::string_view identity);

} // namespace scaivault
