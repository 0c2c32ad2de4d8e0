// A Core with everything its endpoints show and change. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace scaigrid::cores {

/// A Core as a model: what a chat names by its slug.
struct Publication {
    std::string core_id, model_id, backend_id, slug, display_name, description;
    std::vector<std::string> group_ids;
    bool has_avatar = false;
    std::int64_t published_at = 0; ///< Unix microseconds
};

struct Core {
    std::string tenant_id, id, name, slug, status, status_reason;
    std::string runtime_mode = "event_driven", concurrency_mode = "stateless", privilege_level = "standard",
                checkpoint_mode = "auto";
    std::optional<std::string> entity_key_field;
    scai::json::Value source, module; ///< module: absent when the Core has no source that runs
    scai::json::Value plugins, environment, resource_limits, metadata;
    std::string avatar, avatar_content_type; ///< raw bytes; "" = none
    bool has_avatar = false;
    std::int64_t revision = 1, created_at = 0, updated_at = 0; ///< Unix microseconds
    std::optional<Publication> publication;
};

/// Contract scaigrid.md 4.2; a row of a list leaves `source` out. Secrets are never shown.
enum class View { full, row };
scai::json::Value view(const Core& core, View form = View::full);

} // namespace scaigrid::cores
