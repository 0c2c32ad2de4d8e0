// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/app/store_principal.hpp"

#include "lib/json/value.hpp"

namespace scaiflow {

namespace {

constexpr auto select_principal = R"(
    SELECT email, display_name, status, deleted, coalesce(admin_role, ''), coalesce(admin_role_source, ''),
           CASE WHEN cardinality(group_ids) > 0 THEN array_to_json(group_ids)::text ELSE '' END
      FROM scaiflow.principal(:p1, :p2)
)";

} // namespace

std::optional<MirroredUser> find_principal(scai::db::Pool& pool, std::string_view tenant,
                                           std::string_view user) {
    auto row = pool.read(scai::db::Scope::none())
                   .maybe<std::string, std::string, std::string, bool, std::string, std::string, std::string>(
                       select_principal, tenant, user);
    if (!row)
        return std::nullopt;
    auto& [email, display_name, status, deleted, role, source, groups] = *row;
    MirroredUser out{.email = std::move(email),
                     .display_name = std::move(display_name),
                     .status = std::move(status),
                     .deleted = deleted,
                     .admin_role = std::move(role),
                     .admin_role_source = std::move(source),
                     .groups = {}};
    if (!groups.empty())
        if (const auto list = scai::json::parse(groups))
            list->each_item([&](const scai::json::Value& id) { out.groups.push_back(id.text_or("")); });
    return out;
}

} // namespace scaiflow
