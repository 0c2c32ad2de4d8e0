// Bodies that create and replace a Core: JSON fields, or the YAML manifest a deploy sends (contract
// scaigrid.md 4.1, 4.3, 12 N1, N2). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/json/value.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scaigrid::cores {

/// What a body names; what it leaves out keeps its default, or what is stored.
struct Draft {
    std::optional<std::string> name, runtime_mode, concurrency_mode, entity_key_field, privilege_level,
        checkpoint_mode;
    scai::json::Value source, module; ///< module: made from source; absent for an empty source
    scai::json::Value plugins, environment, resource_limits, metadata;
    std::optional<std::string> avatar, avatar_content_type; ///< raw bytes
};

inline constexpr std::size_t max_avatar = 1U << 20U;

/// `content_type` in full as it was sent. unsupported_media for other types; unprocessable for fields, and
/// with "verifier error: ..." for a source that does not verify.
scai::Result<Draft> read_draft(std::string_view content_type, const std::string& body);
/// The same from a parsed JSON body.
scai::Result<Draft> draft_of_fields(const scai::json::Value& body);
/// The same from a parsed manifest.
scai::Result<Draft> draft_of_manifest(const scai::json::Value& manifest);

} // namespace scaigrid::cores
