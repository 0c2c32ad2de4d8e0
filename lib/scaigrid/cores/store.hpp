// All SQL about Cores and publications. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaigrid/cores/core.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaigrid::cores::store {

/// false when the slug is taken in the tenant.
bool insert(scai::db::Tx& tx, const Core& core, std::string_view created_by);
/// Every column a client may replace, and the revision.
void update(scai::db::Tx& tx, const Core& core);
/// false when its state is none of `allowed`.
bool remove(scai::db::Tx& tx, std::string_view tenant_id, std::string_view id,
            const std::vector<std::string>& allowed);
/// false when its state was none of `allowed`.
bool move(scai::db::Tx& tx, std::string_view tenant_id, std::string_view id,
          const std::vector<std::string>& allowed, std::string_view to, std::string_view reason);

std::optional<Core> find(scai::db::Reader& reader, std::string_view tenant_id, std::string_view id);
/// The same, locked until the transaction ends.
std::optional<Core> find_for_update(scai::db::Tx& tx, std::string_view tenant_id, std::string_view id);

struct ListQuery {
    std::int64_t limit = 50;
    std::vector<std::string> after; ///< created_at in microseconds, id
    std::string status, slug;       ///< "" = any
};
/// Oldest first, one more than the limit when there are more; without source, module and avatar.
std::vector<Core> list(scai::db::Reader& reader, std::string_view tenant_id, const ListQuery& query);

/// false when the Core is published already.
bool publish(scai::db::Tx& tx, std::string_view tenant_id, const Publication& publication,
             std::string_view published_by);
void update_publication(scai::db::Tx& tx, std::string_view tenant_id, const Publication& publication);
bool unpublish(scai::db::Tx& tx, std::string_view tenant_id, std::string_view core_id);
/// By slug, ascending, after `after`.
std::vector<Publication> publications(scai::db::Reader& reader, std::string_view tenant_id,
                                      std::string_view after, std::int64_t limit);
std::optional<Publication> publication_by_slug(scai::db::Reader& reader, std::string_view tenant_id,
                                               std::string_view slug);

struct Avatar {
    std::string bytes, content_type;
};
/// Of a published Core in whatever tenant: the reader's scope must be all tenants.
std::optional<Avatar> avatar_of_model(scai::db::Reader& reader, std::string_view model_id);

/// Columns of a run.
struct Head {
    std::string name, slug, status, concurrency_mode, entity_key_field, checkpoint_mode;
    std::int64_t revision = 0;
};
std::optional<Head> find_head(scai::db::Reader& reader, std::string_view tenant_id, std::string_view id);
struct ModuleText {
    std::int64_t revision = 0;
    std::string json;
};
std::optional<ModuleText> find_module(scai::db::Reader& reader, std::string_view tenant_id,
                                      std::string_view id);

} // namespace scaigrid::cores::store
