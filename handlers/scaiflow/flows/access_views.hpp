// What the endpoints about access, versions, presence and deployments share. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "lib/scaiflow/flows/acls.hpp"
#include "lib/web/http.hpp"

namespace scaiflow::flows_api {

scai::json::Value to_json(const flows::Acl& row); ///< FlowACLOut
/// "admin", or null for none.
scai::json::Value level_json(flows::Level level);

/// ?cursor= of a list whose key is one number; 0 without. `list` names it, with the flow's id inside, so that
/// a cursor of one flow is refused by another.
scai::Result<std::int64_t> number_cursor(const scai::web::Request& request, std::string_view list);
scai::json::Value next_cursor(std::string_view list, std::optional<std::int64_t> next);

/// An answer that never changes: kept by this client for an hour, and revalidated by its ETag after that.
/// 304 when If-None-Match has it.
scai::web::Response immutable_response(const scai::web::Request& request, std::string body);

/// A level out of a body: absent or no text is 422, an unknown name 400 (contract scaiflow-api.md 2.5), both
/// naming the field.
scai::Result<flows::Level> read_level(const std::string& name);

} // namespace scaiflow::flows_api
