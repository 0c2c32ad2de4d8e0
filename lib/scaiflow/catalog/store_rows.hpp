// The columns of a package as it is listed, and how they become a Listing. Private to lib/scaiflow/catalog.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaiflow/catalog/model.hpp"
#include "lib/scaiflow/flows/access.hpp"

namespace scaiflow::catalog::store {

// Parameters of every statement that shows packages, always the first four, as in lib/scaiflow/flows: :p1
// tenant of the caller, :p2 his id, :p3 his admin role, :p4 whom memberships may name ("" for a service).
inline constexpr char head_columns[] = R"(
SELECT c.tenant_id, c.package_id, c.name, c.description, c.version, c.author_id, c.author_email, c.visibility,
       array_to_json(c.visibility_group_ids)::text, (extract(epoch FROM c.created_at) * 1000000)::bigint,
       (extract(epoch FROM c.updated_at) * 1000000)::bigint,
       (:p3::text = 'super_admin'
        OR c.tenant_id = :p1::text AND (:p3::text = 'tenant_admin' OR c.author_id = :p2::text)))";

inline std::vector<std::string> texts_of(const std::string& json) {
    std::vector<std::string> out;
    if (const auto list = scai::json::parse(json))
        list->each_item([&](const scai::json::Value& item) { out.push_back(item.text_or("")); });
    return out;
}

template<class... Args>
std::vector<Listing> listings(scai::db::Executor& reader, const char* statement, const flows::Caller& caller,
                              const Args&... args) {
    const auto time = [](std::int64_t micros) { return scai::UtcTime(std::chrono::microseconds(micros)); };
    std::vector<Listing> out;
    for (auto& row : reader.all<std::string, std::string, std::string, std::string, std::string, std::string,
                                std::string, std::string, std::string, std::int64_t, std::int64_t, bool>(
             statement, caller.tenant_id, caller.subject, caller.admin_role, caller.principal_id(), args...))
        out.push_back({.tenant_id = std::move(std::get<0>(row)),
                       .package_id = std::move(std::get<1>(row)),
                       .name = std::move(std::get<2>(row)),
                       .description = std::move(std::get<3>(row)),
                       .version = std::move(std::get<4>(row)),
                       .author_id = std::move(std::get<5>(row)),
                       .author_email = std::move(std::get<6>(row)),
                       .visibility = std::move(std::get<7>(row)),
                       .group_ids = texts_of(std::get<8>(row)),
                       .created_at = time(std::get<9>(row)),
                       .updated_at = time(std::get<10>(row)),
                       .manageable = std::get<11>(row)});
    return out;
}

} // namespace scaiflow::catalog::store
