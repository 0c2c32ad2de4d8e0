// The number of the newest file in sql/scaigrid/migrations; tests/guards/check_schema_version.sh compares.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace scaigrid {

inline constexpr int newest_migration = 3;

} // namespace scaigrid
