// What ScaiGrid's answers mean for a deployment; pure. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scaiflow::deploy {

/// A queue as ScaiGrid creates it (contract scaigrid.md 6.3).
scai::json::Value queue_body(const scai::json::Value& declared);
/// What an existing queue has other than the flow declares: "consumer_mode fifo, the flow declares priority";
/// "" when nothing that both name differs.
std::string queue_difference(const scai::json::Value& existing, const scai::json::Value& declared);

std::string id_of(const scai::json::Value& row, std::string_view also = {}); ///< id, else the member `also`
/// scaiflow_meta.source_id of a Core; nothing when the Core does not show its source.
std::optional<std::string> source_of(const scai::json::Value& core);
/// Of a published Core; "" when it does not say.
std::string published_slug(const scai::json::Value& core, std::string_view tenant_slug);
bool is_published(const scai::json::Value& core);

} // namespace scaiflow::deploy
