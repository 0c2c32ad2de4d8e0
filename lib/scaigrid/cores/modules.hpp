// Parsed modules of Cores, kept by id and revision. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace scaigrid::cores {

/// Thread-safe. Forgets everything when it is full: a module is quickly parsed again.
class Modules {
public:
    using Module = std::shared_ptr<const scai::json::Value>;
    Module find(const std::string& core_id, std::int64_t revision);
    void keep(const std::string& core_id, std::int64_t revision, Module module);

private:
    std::mutex mutex_;
    std::map<std::pair<std::string, std::int64_t>, Module> kept_;
};

} // namespace scaigrid::cores
