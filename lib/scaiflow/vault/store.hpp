// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/json/value.hpp"

#include <string>
#include <string_view>

namespace scaiflow::vault {

/// A row of the audit log about a tenant's credentials; `after` never holds a key, only its mask.
void audit(scai::db::Tx& tx, const std::string& tenant_id, const std::string& actor, std::string_view action,
           const scai::json::Value& after, const std::string& request_id);

} // namespace scaiflow::vault
