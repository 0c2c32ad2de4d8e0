// Policies and bindings on the wire, in and out. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/app/context.hpp"
#include "lib/scaivault/policies/service.hpp"
#include "lib/web/http.hpp"

namespace scaivault::policies_api {

scai::json::Value summary_of(const policies::PolicyRow& row);
/// The whole policy, without bindings.
scai::json::Value policy_view(const policies::PolicyRow& row);
scai::json::Value binding_view(const policies::BindingRow& row, scai::UtcTime now);
/// What the linter says of the rules as they are kept.
scai::json::Value findings_of(const policies::PolicyRow& row);
/// Policy, warnings and ETag: the answer to a change.
scai::web::Response changed(const policies::PolicyRow& row, int status);
scai::json::Value grantee_view(const policies::Grantee& grantee);

enum class Wanted { all, some };
/// Body of POST and PUT (`all`: name and rules must be there) or of PATCH. 422 for fields, 400 invalid_policy
/// or invalid_glob for rules; If-Match becomes the expected revision.
scai::Result<policies::Changes> changes_of(const scai::web::Request& request, const scai::json::Value& body,
                                           Wanted wanted);

/// Caller, time and audit row of a change.
policies::Change change_of(Context& context, const scai::web::Request& request);
/// After COMMIT: the hook has no row to write.
void recorded(const scai::web::Request& request);

/// ?name=true|false; 400 invalid_request for anything else.
scai::Result<bool> query_flag(const scai::web::Request& request, std::string_view name);
/// ?name= as one of read, write, delete, list, rotate, admin.
scai::Result<policies::Permission> permission_named(std::string_view text, const std::string& field);

} // namespace scaivault::policies_api
