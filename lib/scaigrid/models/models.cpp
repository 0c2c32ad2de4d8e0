// SPDX-License-Identifier: Apache-2.0
#include "lib/scaigrid/models/models.hpp"

#include "lib/base/strings.hpp"
#include "lib/scaigrid/cores/store.hpp"

#include <algorithm>

namespace scaigrid::models {

using scai::db::Scope;
using scai::json::Value;
using scai::web::Principal;

namespace {

constexpr std::int64_t context_window = 128'000;

/// Models that are everybody's.
std::vector<Model> built_in(const Context& context) {
    std::vector<Model> out;
    out.push_back({.slug = std::string(echo_slug),
                   .display_name = "Echo",
                   .description = "Deterministic stand-in of the embedded ScaiGrid: says what it was asked.",
                   .owner = "scaigrid"});
    const auto model = context.settings.text("SCAIGRID_LLM_MODEL");
    if (context.settings.has("SCAIGRID_LLM_BASE_URL") && !model.empty() && model != echo_slug)
        out.push_back({.slug = model,
                       .display_name = model,
                       .description = "Served by the configured OpenAI-compatible endpoint.",
                       .owner = "scaigrid"});
    return out;
}

Model model_of(const cores::Publication& publication, std::string_view tenant_id) {
    return {.slug = publication.slug,
            .display_name = publication.display_name,
            .description = publication.description,
            .owner = std::string(tenant_id),
            .model_id = publication.model_id,
            .core_id = publication.core_id,
            .has_avatar = publication.has_avatar,
            .created_at = publication.published_at};
}

} // namespace

bool may_use(const Principal& caller, const std::vector<std::string>& group_ids) {
    if (group_ids.empty() || may(caller, "models:manage"))
        return true;
    return std::any_of(group_ids.begin(), group_ids.end(), [&](const std::string& group) {
        return std::find(caller.groups.begin(), caller.groups.end(), group) != caller.groups.end();
    });
}

Page list(Context& context, const Principal& caller, const Paging& paging) {
    Page out;
    const std::string after = paging.key.empty() ? "" : paging.key.front();
    for (auto& model : built_in(context))
        if (model.slug > after)
            out.models.push_back(std::move(model));
    auto reader = context.pool.read(Scope::tenant(caller.tenant_id));
    // Rows the caller may not use are skipped here; so a page is read on until it is full.
    std::string position = after;
    const auto wanted = static_cast<std::size_t>(paging.limit) + 1;
    std::size_t found = 0;
    for (bool more = true; more && found < wanted;) {
        const auto rows = cores::store::publications(reader, caller.tenant_id, position, paging.limit + 1);
        more = rows.size() == wanted;
        for (const auto& row : rows) {
            position = row.slug;
            if (may_use(caller, row.group_ids)) {
                out.models.push_back(model_of(row, caller.tenant_id));
                ++found;
            }
        }
    }
    std::sort(out.models.begin(), out.models.end(),
              [](const Model& a, const Model& b) { return a.slug < b.slug; });
    out.next = cut_page(out.models, paging, cursor_name,
                        [](const Model& last) { return std::vector<std::string>{last.slug}; });
    return out;
}

scai::Result<Model> find(Context& context, const Principal& caller, std::string_view slug) {
    for (auto& model : built_in(context))
        if (model.slug == slug)
            return std::move(model);
    auto reader = context.pool.read(Scope::tenant(caller.tenant_id));
    const auto found = cores::store::publication_by_slug(reader, caller.tenant_id, slug);
    if (!found)
        return refusal(scai::ErrorKind::not_found, "MODEL_NOT_FOUND", "Model not found");
    if (!may_use(caller, found->group_ids))
        return refusal(scai::ErrorKind::forbidden, "MODEL_ACCESS_DENIED",
                       "the model is for groups the caller is not in");
    return model_of(*found, caller.tenant_id);
}

Value view(const Model& model) {
    auto out = Value::object(
        {{"slug", model.slug},
         {"display_name", model.display_name},
         {"description", model.description},
         {"modality", "chat"},
         {"context_window", context_window},
         {"status", "active"},
         {"health_status", "healthy"},
         {"active_backend_count", 1},
         {"total_backend_count", 1},
         {"capabilities", Value::object({{"tool_use", !model.core_id.empty()}, {"streaming", false}})}});
    if (!model.model_id.empty())
        out.set("id", model.model_id);
    if (!model.core_id.empty())
        out.set("core_id", model.core_id);
    return out.set("avatar_url", model.has_avatar
                                     ? Value("/v1/models/" + scai::percent_encode(model.model_id) + "/avatar")
                                     : Value(nullptr));
}

Value openai_view(const Model& model) {
    return Value::object({{"id", model.slug},
                          {"object", "model"},
                          {"created", model.created_at / 1'000'000},
                          {"owned_by", model.owner}});
}

} // namespace scaigrid::models
