// What several endpoints of the group share: the caller, paging parameters, model to JSON.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/admin/model.hpp"
#include "lib/scaiflow/admin/service.hpp"
#include "lib/scaiflow/app/context.hpp"
#include "lib/scaiflow/app/query.hpp"
#include "lib/web/http.hpp"

#include <string_view>

namespace scaiflow::admin_api {

admin::Caller caller_of(const scai::web::Request& request);
admin::UserRef user_ref(const scai::web::Request& request); ///< {id} and ?tenant_id=
roles::SuperAdminGroups super_admin_groups(const Context& context);

/// Users of `tenant` (nullopt: of all tenants, or of ?tenant_id=) with all the filters of the list.
scai::Result<scai::web::Response> users_page(Context& context, const scai::web::Request& request,
                                             const std::optional<std::string>& tenant);

scai::json::Value to_json(const admin::Run& run);
scai::json::Value to_json(const admin::Change& change);

} // namespace scaiflow::admin_api
