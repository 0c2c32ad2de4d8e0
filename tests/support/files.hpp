// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace test {

/// All of a file; "" when it cannot be read.
std::string slurp(const std::filesystem::path& path);

} // namespace test
