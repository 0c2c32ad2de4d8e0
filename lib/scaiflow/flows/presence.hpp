// Who has a flow open: heartbeats, each good for 30 s (contract scaiflow-api.md 10-6). Needs view.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/flows/access.hpp"

namespace scaiflow::flows {

inline constexpr std::int64_t presence_seconds = 30;

struct Present {
    std::string user_id, display_name;
    scai::UtcTime last_seen_at{};
};

scai::Status enter(scai::db::Pool& pool, const Caller& caller, std::string_view flow_id);
/// Who is not there leaves just as well.
scai::Status leave(scai::db::Pool& pool, const Caller& caller, std::string_view flow_id);
/// By name.
scai::Result<std::vector<Present>> present(scai::db::Pool& pool, const Caller& caller,
                                           std::string_view flow_id);

} // namespace scaiflow::flows
