// The number of the newest file in sql/scaiflow/migrations; tests/guards/check_schema_version.sh compares.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace scaiflow {

inline constexpr int newest_migration = 11;

} // namespace scaiflow
