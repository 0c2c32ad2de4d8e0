// Many secrets in few calls. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/cli/scaivault/connection.hpp"

#include <map>
#include <set>
#include <string>

namespace scaivault::cli {

/// Path -> data. Throws Stop naming every path that could not be read.
std::map<std::string, scai::json::Value> fetch_all(Api& api, const std::set<std::string>& paths);

} // namespace scaivault::cli
