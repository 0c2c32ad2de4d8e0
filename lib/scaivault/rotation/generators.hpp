// Value generators of secret policies (contract scaivault.md 4.2). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"
#include "lib/base/secret.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"

#include <string_view>

namespace scaivault::rotation {

/// unprocessable naming "fields[i].config.length" and the like; the same check at creation and before every
/// use.
scai::Status check_fields(const scai::json::Value& fields);
/// {"name": value, ...} as the text of a JSON object.
scai::Result<scai::SecretText> generate(const scai::json::Value& fields, scai::UtcTime now);
/// By the id of a secret policy of `owner`; not_found `secret_policy_not_found`, conflict when it is
/// inactive.
scai::Result<scai::SecretText> generate_from(scai::db::Reader& reader, std::string_view owner,
                                             std::string_view policy_id, scai::UtcTime now);

} // namespace scaivault::rotation
