// What several endpoints of the group share. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/decode.hpp"
#include "lib/scaiflow/catalog/model.hpp"
#include "lib/web/http.hpp"

namespace scaiflow::catalog_api {

catalog::Ref ref_of(const scai::web::Request& request); ///< {package_id} and ?tenant_id=

/// visibility and visibility_group_ids of a body; errors go to `fields`. Names twice count once.
std::optional<catalog::Visibility> visibility_of(scai::json::Fields& fields, bool required);
/// bad_request for groups without a group (contract scaiflow-api.md 10-9).
scai::Status check_visibility(const catalog::Visibility& visibility);

scai::json::Value to_json(const catalog::Listing& listing); ///< CatalogPackage

} // namespace scaiflow::catalog_api
