// What the stores of this folder read alike. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"

#include <cstdint>
#include <optional>

namespace scaivault::identity::store {

/// Of microseconds since 1970.
inline std::optional<scai::UtcTime> time_of(const std::optional<std::int64_t>& micros) {
    return micros ? std::optional(scai::UtcTime(std::chrono::microseconds(*micros))) : std::nullopt;
}

} // namespace scaivault::identity::store
