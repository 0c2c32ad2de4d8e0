// Models of a tenant (contract scaigrid.md 8): the echo model, the one behind SCAIGRID_LLM_BASE_URL,
// published Cores. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"
#include "lib/scaigrid/app/answers.hpp"
#include "lib/scaigrid/app/context.hpp"
#include "lib/web/http.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaigrid::models {

inline constexpr std::string_view echo_slug = "scaigrid/echo";

struct Model {
    std::string slug, display_name, description, owner; ///< owner: "scaigrid" or the tenant
    std::string model_id = {};                          ///< of a published Core
    std::string core_id = {};                           ///< of a published Core
    bool has_avatar = false;
    std::int64_t created_at = 0; ///< Unix microseconds
};

/// Whether a caller may see and use a model that is in these groups: none of them, or one of his, or he
/// manages models.
bool may_use(const scai::web::Principal& caller, const std::vector<std::string>& group_ids);

/// By slug, those the caller may use; cuts to the limit and gives the next page's cursor.
struct Page {
    std::vector<Model> models;
    std::string next;
};
Page list(Context& context, const scai::web::Principal& caller, const Paging& paging);
inline constexpr std::string_view cursor_name = "models";

/// not_found MODEL_NOT_FOUND; forbidden MODEL_ACCESS_DENIED for one in groups the caller is not in.
scai::Result<Model> find(Context& context, const scai::web::Principal& caller, std::string_view slug);

scai::json::Value view(const Model& model);        ///< native row
scai::json::Value openai_view(const Model& model); ///< {id, object: "model", created, owned_by}

} // namespace scaigrid::models
