// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/store_versions.hpp"

namespace scaiflow::flows::store {

using scai::db::Executor;

namespace {

using Name = std::optional<std::string>;

// octet_length reads the size a compressed text was stored with, not the text.
constexpr auto page_of_versions = R"(
SELECT v.number, v.version, (extract(epoch FROM v.created_at) * 1000000)::bigint, v.created_by,
       coalesce(nullif(u.display_name, ''), nullif(u.email, '')), v.restored_from, octet_length(v.content)::bigint
  FROM scaiflow.flow_versions v
  LEFT JOIN scaiflow.users u ON u.tenant_id = v.tenant_id AND u.id = v.created_by
 WHERE v.tenant_id = :p1 AND v.flow_id = :p2 AND (:p3::bigint = 0 OR v.number < :p3::bigint)
 ORDER BY v.number DESC LIMIT :p4::bigint)";

constexpr auto find_version = R"(
SELECT v.number, v.version, (extract(epoch FROM v.created_at) * 1000000)::bigint, v.created_by,
       coalesce(nullif(u.display_name, ''), nullif(u.email, '')), v.restored_from, octet_length(v.content)::bigint,
       v.content
  FROM scaiflow.flow_versions v
  LEFT JOIN scaiflow.users u ON u.tenant_id = v.tenant_id AND u.id = v.created_by
 WHERE v.tenant_id = :p1 AND v.flow_id = :p2 AND v.version = :p3)";

template<class Row>
Version version_of(Row& row, const Head& flow) {
    return {.number = std::get<0>(row),
            .version = std::move(std::get<1>(row)),
            .created_at = scai::UtcTime(std::chrono::microseconds(std::get<2>(row))),
            .created_by = std::move(std::get<3>(row)),
            .created_by_name = std::move(std::get<4>(row)),
            .restored_from = std::move(std::get<5>(row)),
            .is_current = std::get<0>(row) == flow.number,
            .size = std::get<6>(row)};
}

} // namespace

VersionPage versions(Executor& reader, const Head& flow, std::int64_t before, std::int64_t limit) {
    VersionPage page;
    page.total = flow.number; // numbers have no gaps: each is given under the lock of the flow
    for (auto& row :
         reader.all<std::int64_t, std::string, std::int64_t, std::string, Name, Name, std::int64_t>(
             page_of_versions, flow.tenant_id, flow.id, before, limit + 1))
        page.items.push_back(version_of(row, flow));
    if (static_cast<std::int64_t>(page.items.size()) > limit) {
        page.items.pop_back();
        page.next = page.items.back().number;
    }
    return page;
}

std::optional<VersionDetail> version(Executor& reader, const Head& flow, std::string_view version) {
    auto row = reader.maybe<std::int64_t, std::string, std::int64_t, std::string, Name, Name, std::int64_t,
                            std::string>(find_version, flow.tenant_id, flow.id, version);
    if (!row)
        return std::nullopt;
    return VersionDetail{
        .head = flow, .version = version_of(*row, flow), .content = std::move(std::get<7>(*row))};
}

} // namespace scaiflow::flows::store
