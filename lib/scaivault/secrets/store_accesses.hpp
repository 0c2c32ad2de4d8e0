// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"

#include <string>
#include <vector>

namespace scaivault::secrets::store {

/// Three columns of the same rows. A row that is locked now is left out.
void mark_accessed(scai::db::Tx& tx, const std::vector<std::string>& owners,
                   const std::vector<std::string>& paths, const std::vector<std::string>& times);

} // namespace scaivault::secrets::store
