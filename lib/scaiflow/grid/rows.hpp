// Rows of ScaiGrid's lists in ScaiFlow's words (contract scaiflow-api.md 2.9, scaigrid.md 6.3, 7, 8). What
// has no word here goes through as it came. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <optional>
#include <string_view>

namespace scaiflow::grid {

/// Each gives nothing for a row that is not to be shown: no object, no id, or what the text below says.
using RowMaker = std::optional<scai::json::Value> (*)(const scai::json::Value& row);

std::optional<scai::json::Value> scope_row(const scai::json::Value& row);
/// One field for ScaiGrid's two: broadcast wins, else `ordering`, else what consumer_mode says, else fifo.
std::optional<scai::json::Value> queue_row(const scai::json::Value& row);
/// Running or persistent ones only, and none that is gone.
std::optional<scai::json::Value> bunker_row(const scai::json::Value& row);
/// Native rows (`slug`) and OpenAI's (`id`).
std::optional<scai::json::Value> model_row(const scai::json::Value& row);

} // namespace scaiflow::grid
