// Manifests that no editor wrote. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

namespace scaigrid::cores {

/// The importer goes by a step's meta, which is optional in a manifest (contract scaigrid.md 4.3): a step
/// that has none, or no node_config in it, gets what its keyword says. Keywords: llm_turn, plugin_call,
/// checkpoint, rigid, set. Other steps stay as they are. A Core without a model gets the echo model.
scai::json::Value with_nodes(const scai::json::Value& manifest);

} // namespace scaigrid::cores
