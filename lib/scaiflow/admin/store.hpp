// Reads of the administration pages. What a reader sees is bounded by its scope (row-level security) and by
// the filter. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaiflow/admin/model.hpp"

namespace scaiflow::admin::store {

/// In order of tenant and id. The cost of a page does not depend on how many users there are: with a filter
/// at most 20,000 rows are looked at, so a page may be short, even empty, while `next` is set. Role filters
/// go by index and are never cut short like that.
UserPage users(scai::db::Executor& reader, const UserFilter& filter, const UserKey& after,
               std::int64_t limit);

struct Holder {
    std::string tenant_id;
    bool deleted = false;
    std::string admin_role; ///< "" without
};
/// Everybody with this id, at most ten tenants, live ones first.
std::vector<Holder> holders(scai::db::Executor& reader, const std::string& user_id,
                            const std::optional<std::string>& tenant_id);

/// Newest first. `before` 0: from the newest.
RunPage runs(scai::db::Executor& reader, std::int64_t before, std::int64_t limit);
std::optional<Run> run(scai::db::Executor& reader, const std::string& id);
ChangePage changes(scai::db::Executor& reader, std::int64_t run, const ChangeFilter& filter,
                   std::int64_t after, std::int64_t limit);

} // namespace scaiflow::admin::store
