// Applications and assignments of a load document. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"

#include <string>

namespace scaikey::load {

/// Section "applications": those whose client_id is unknown are registered, existing ones stay as they are;
/// their "assign" list ({"tenant", "group" or "user"}) is added either way.
scai::Status load_applications(scai::db::Tx& tx, const scai::json::Value& document,
                               scai::json::Value& counters);

/// Assigns every live group of every tenant where the application can be used. `application` is its id,
/// client id or name.
scai::Status assign_groups(scai::db::Tx& tx, const std::string& application, scai::json::Value& counters);

} // namespace scaikey::load
