// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/catalog/rules.hpp"

#include "lib/scaiflow/graph/graph.hpp"

#include <unordered_set>

namespace scaiflow::catalog {

std::string version_line(std::string_view version) {
    return std::string(version.substr(0, version.find('.', version.find('.') + 1) + 1));
}

std::string free_version(std::string wanted, const std::vector<std::string>& taken) {
    const std::unordered_set<std::string> used(taken.begin(), taken.end());
    while (used.contains(wanted))
        wanted = graph::bump_patch(wanted);
    return wanted;
}

} // namespace scaiflow::catalog
