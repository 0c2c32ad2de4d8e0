// The number of the newest file in sql/scaivault/migrations; tests/guards/check_schema_version.sh compares.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace scaivault {

inline constexpr int newest_migration = 8;

} // namespace scaivault
