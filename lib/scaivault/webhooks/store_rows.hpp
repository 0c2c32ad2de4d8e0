// What the stores of this folder read alike. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <string>
#include <vector>

namespace scaivault::webhooks::store {

/// Of a JSON array.
inline std::vector<std::string> texts(const std::string& json) {
    std::vector<std::string> out;
    if (json == "[]")
        return out;
    if (const auto list = scai::json::parse(json))
        list->each_item([&](const scai::json::Value& item) { out.push_back(item.text_or("")); });
    return out;
}

} // namespace scaivault::webhooks::store
