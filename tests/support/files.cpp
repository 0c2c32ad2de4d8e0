// SPDX-License-Identifier: Apache-2.0
#include "tests/support/files.hpp"

#include <fstream>
#include <sstream>
#include <utility>

namespace test {

std::string slurp(const std::filesystem::path& path) {
    const std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return std::move(out).str();
}

} // namespace test
