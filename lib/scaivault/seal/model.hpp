// A wrapped key as the database keeps it. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace scaivault::seal {

struct KeyRow {
    std::string id;
    std::string kind;     ///< root, partner, tenant
    std::string owner_id; ///< "" of a root
    std::string parent_id;
    std::string provider, reference; ///< of a root
    std::string wrapped;             ///< bytes; empty of a root
    std::string state;               ///< active, retired, destroyed
};

} // namespace scaivault::seal
