// The query and the answer of a list of flows, shared by GET /v1/flows and GET /v1/admin/tenant/flows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/rows.hpp"
#include "lib/scaiflow/app/query.hpp"
#include "lib/scaiflow/flows/listing.hpp"
#include "lib/web/http.hpp"

namespace scaiflow::flows {

/// limit, cursor, search, deleted=only; unprocessable for offset, which there is none of.
scai::Result<Listing> listing_of(const scai::web::Request& request);

/// FlowSummary; with deleted_at when it is deleted. There is room for `more` bytes.
scai::json::Members members_of(const Head& head, std::size_t more = 0);
/// {items, total, total_capped, next_cursor}
scai::web::Response list_response(const FlowPage& page, const Listing& listing);

} // namespace scaiflow::flows
