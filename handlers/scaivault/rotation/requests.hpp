// What endpoints of this group do in the same way. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "handlers/scaivault/rotation/handlers.hpp"
#include "lib/scaivault/rotation/recipes.hpp"
#include "lib/scaivault/rotation/rules.hpp"

namespace scaivault::rotation_api {

/// Names the policy in the audit row.
void note(const Request& request, const char* key, const std::string& id);
/// Whatever the policy names must be there: 422 naming the member.
scai::Status check_references(scai::db::Reader& reader, const std::string& tenant_id,
                              const rotation::Policy& policy);
scai::Error name_conflict(const std::string& name);
/// enable and disable.
scai::Result<Response> switch_policy(Context& context, const Request& request, bool active);
/// PATCH and PUT.
scai::Result<Response> write_recipe(Context& context, const Request& request, bool whole);
/// {"data": [...], "cursor", "has_more"}; `cursor` is empty on the last page.
Response page(const scai::json::Value& rows, const std::string& cursor);

} // namespace scaivault::rotation_api
