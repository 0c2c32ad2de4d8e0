// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/app/store_groups.hpp"

namespace scaivault {

namespace {

constexpr auto select_names = R"(
    SELECT g.name FROM scaivault.groups g
     WHERE g.tenant_id = :p1 AND g.id = ANY(:p2::text[]) ORDER BY g.name
)";

} // namespace

std::vector<std::string> group_names(scai::db::Pool& pool, std::string_view tenant,
                                     const std::vector<std::string>& ids) {
    return pool.read(scai::db::Scope::tenant(tenant)).all<std::string>(select_names, tenant, ids);
}

} // namespace scaivault
