// A page of the trail, the body three endpoints share. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/app/context.hpp"
#include "lib/scaivault/audit/query.hpp"

namespace scaivault::audit_api {

/// {"logs", "cursor", "has_more"} for ?limit= and ?cursor= of the request.
scai::Result<scai::json::Value> page_of(Context& context, const scai::web::Request& request,
                                        const audit::Filter& filter);
/// The filter's rows of the last 30 days, counted.
scai::Result<scai::json::Value> month_of(Context& context, const scai::web::Request& request,
                                         audit::Filter filter);

/// Every way the rows may spell an identity, as written first. Who left the directory, or never was in it, is
/// looked for as written.
std::vector<std::string> spellings(Context& context, const scai::web::Request& request,
                                   const std::string& written);

} // namespace scaivault::audit_api
