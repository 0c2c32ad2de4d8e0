// Decisions of the catalog that need nothing but values. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scaiflow::catalog {

/// "1.2." of "1.2.3-rc.1": what every version that free_version may give starts with.
std::string version_line(std::string_view version);
/// The wanted version, or the next free patch of it: a version that is taken is never published twice.
std::string free_version(std::string wanted, const std::vector<std::string>& taken);

} // namespace scaiflow::catalog
