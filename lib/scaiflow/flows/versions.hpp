// The versions of a flow: each content as it was written, for good (contract scaiflow-api.md 10-5).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/json/value.hpp"
#include "lib/scaiflow/flows/model.hpp"

namespace scaiflow::flows {

struct Version {
    std::int64_t number = 0;
    std::string version;
    scai::UtcTime created_at{};
    std::string created_by;
    std::optional<std::string> created_by_name;
    std::optional<std::string> restored_from; ///< version whose content this one repeats
    bool is_current = false;
    std::int64_t size = 0; ///< bytes of the content
};

struct VersionPage {
    std::vector<Version> items;
    std::int64_t total = 0;
    std::optional<std::int64_t> next; ///< number of the last one shown
};

struct VersionDetail {
    Head head; ///< of the flow as it is now
    Version version;
    std::string content; ///< JSON text
};

/// Newest first; `before` 0: from the newest. Needs view, like every read here.
scai::Result<VersionPage> list_versions(scai::db::Pool& pool, const Caller& caller, std::string_view flow_id,
                                        std::int64_t before, std::int64_t limit);
/// not_found "version_not_found".
scai::Result<VersionDetail> read_version(scai::db::Pool& pool, const Caller& caller, std::string_view flow_id,
                                         std::string_view version);
/// {flow_id, from, to, summary, changes}: what leads from one content to the other, node- and edge-wise.
scai::Result<scai::json::Value> diff_versions(scai::db::Pool& pool, const Caller& caller,
                                              std::string_view flow_id, std::string_view from,
                                              std::string_view to);
/// A new version with the content of an old one. Needs edit; precondition_failed as for any write; conflict
/// "already_current" for the version the flow is at.
scai::Result<Detail> restore_version(scai::db::Tx& tx, const Caller& caller, std::string_view flow_id,
                                     std::string_view version, std::string_view if_match);

} // namespace scaiflow::flows
