// A bunker: the record of a sandbox (contract scaigrid.md 7). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaigrid::bunkers {

struct Wanted {
    std::string image;
    std::optional<std::string> name;
    std::string lifecycle_mode = "ephemeral";
    std::string network_profile = "isolated";
    std::vector<std::string> network_allowlist, interfaces;
    std::int64_t cpu_millicores = 1000, memory_mb = 512, disk_mb = 1024, gpu_count = 0;
    std::optional<std::string> gpu_type;
    std::optional<std::int64_t> bandwidth_mbit, max_lifetime_s, idle_timeout_s;
    std::string session_type = "standalone";
    std::optional<std::string> session_ref;
    scai::json::Value labels;
    /// Names with masked values: no worker would use the values, so they are not kept.
    scai::json::Value env_vars;
};

/// What a tenant may hold at once.
struct Cap {
    std::string_view resource;
    std::int64_t most;
};
inline constexpr std::array<Cap, 5> caps{{{"bunkers", 20},
                                          {"cpu_millicores", 32000},
                                          {"memory_mb", 65536},
                                          {"disk_mb", 204800},
                                          {"gpu_count", 4}}};

/// In the order of `caps`.
using Usage = std::array<std::int64_t, caps.size()>;

} // namespace scaigrid::bunkers
