// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/crypto/crypto.hpp"

#include <string>

namespace scaigrid::runs {

/// RFC 4122, version 4.
inline std::string make_uuid() {
    std::string bytes = scai::crypto::random_bytes(16);
    bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0fU) | 0x40U);
    bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3fU) | 0x80U);
    std::string out = scai::crypto::to_hex(bytes);
    for (const std::size_t at : {8U, 13U, 18U, 23U})
        out.insert(at, 1, '-');
    return out;
}

} // namespace scaigrid::runs
