// What can be done with a flow. Everything that writes takes the transaction it is part of, and writes
// nothing when it gives an error. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/flows/model.hpp"

namespace scaiflow::flows {

/// The caller becomes the owner. forbidden when his token names no tenant.
scai::Result<Detail> create(scai::db::Tx& tx, const Caller& caller, const Draft& draft);

/// Level edit. Content that differs from the current one (id and version aside) becomes the next version; a
/// change that changes nothing leaves the flow as it was, ETag included. precondition_failed
/// {version_conflict, version, revision, updated_by, updated_by_name, updated_at} when `if_match` does not
/// hold.
scai::Result<Detail> change(scai::db::Tx& tx, const Caller& caller, std::string_view flow_id,
                            const Change& change, std::string_view if_match);

/// Soft; level admin; as change() about `if_match`. Versions, access rows and deployments stay.
scai::Status remove(scai::db::Tx& tx, const Caller& caller, std::string_view flow_id,
                    std::string_view if_match);
/// Level admin on the deleted flow. conflict {not_deleted} when it is there.
scai::Result<Detail> restore(scai::db::Tx& tx, const Caller& caller, std::string_view flow_id);

/// The new owner must be a live mirrored user of the flow's tenant (not_found otherwise). For super_admin:
/// the caller has checked that.
scai::Result<Detail> transfer(scai::db::Tx& tx, const Caller& caller, std::string_view flow_id,
                              const std::string& owner_id);

/// `content` becomes the next version of the locked flow; name and description of `head` are written with it.
scai::Result<Detail> write_version(scai::db::Tx& tx, const Caller& caller, Head head, const Content& content,
                                   const std::optional<std::string>& restored_from = std::nullopt);

/// The error of a failed If-Match, for whoever writes a flow elsewhere; Done when it holds.
scai::Status check_if_match(scai::db::Executor& reader, const Head& head, std::string_view if_match);

} // namespace scaiflow::flows
