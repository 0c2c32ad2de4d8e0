// How a row with head_columns and the level becomes a Head. Private to lib/scaiflow/flows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/flows/access.hpp"

#include <tuple>

namespace scaiflow::flows::store {

/// The column types once: `HeadRow::maybe(reader, statement, args...)`; More follow the level.
template<class... More>
struct HeadRowOf {
    using Row = std::tuple<std::string, std::string, std::string, std::optional<std::string>, std::string,
                           std::string, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::string,
                           std::optional<std::int64_t>, int, More...>;
    template<class... Args>
    static std::optional<Row> maybe(scai::db::Executor& reader, const char* statement, const Args&... args) {
        return reader.maybe<std::string, std::string, std::string, std::optional<std::string>, std::string,
                            std::string, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::string,
                            std::optional<std::int64_t>, int, More...>(statement, args...);
    }
    template<class... Args>
    static std::vector<Row> all(scai::db::Executor& reader, const char* statement, const Args&... args) {
        return reader.all<std::string, std::string, std::string, std::optional<std::string>, std::string,
                          std::string, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::string,
                          std::optional<std::int64_t>, int, More...>(statement, args...);
    }
};
using HeadRow = HeadRowOf<>;

template<class Row>
Head head_of(Row& row) {
    const auto time = [](std::int64_t micros) { return scai::UtcTime(std::chrono::microseconds(micros)); };
    Head out;
    out.tenant_id = std::move(std::get<0>(row));
    out.id = std::move(std::get<1>(row));
    out.name = std::move(std::get<2>(row));
    out.description = std::move(std::get<3>(row));
    out.owner_id = std::move(std::get<4>(row));
    out.version = std::move(std::get<5>(row));
    out.number = std::get<6>(row);
    out.revision = std::get<7>(row);
    out.created_at = time(std::get<8>(row));
    out.updated_at = time(std::get<9>(row));
    out.updated_by = std::move(std::get<10>(row));
    if (const auto& deleted = std::get<11>(row)) {
        out.deleted = true;
        out.deleted_at = time(*deleted);
    }
    out.level = static_cast<Level>(std::get<12>(row));
    return out;
}

/// The rules of open_flow for a row that may not be there: unseen is not_found, seen but too low forbidden.
scai::Result<Head> judge(std::optional<Head> found, Level needed, Deleted deleted);

} // namespace scaiflow::flows::store
