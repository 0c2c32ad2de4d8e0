// SQL of flows and their current content. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaiflow/flows/memory.hpp"
#include "lib/scaiflow/flows/model.hpp"

namespace scaiflow::flows::store {

struct Found {
    std::shared_ptr<const Head> head;
    Contents::Text content;
};
/// Head and content in one round trip; the rules of open_flow with Level::view. A content in `memory` saves
/// sending it, a decision there saves deciding again; each that is no longer current costs one more round
/// trip. `seen` becomes the caller's versions when there is such a flow, whoever may see it.
scai::Result<Found> detail(scai::db::Pool& pool, const Caller& caller, const std::string& flow_id,
                           Memory& memory, std::optional<UserVersion>& seen);
/// One answer for each of those that are asked for, whose callers have the same tenant and role.
std::vector<std::optional<Versions>> versions(scai::db::Executor& reader,
                                              const std::vector<VersionsOf>& asked);
/// Content of the version the flow is at.
std::string content(scai::db::Executor& reader, const Head& head);
/// Whether the current content is this text.
bool same_content(scai::db::Executor& reader, const Head& head, std::string_view text);

/// A new flow of the caller with its first version. Times and revision come back in the Head.
Head insert(scai::db::Tx& tx, const Caller& caller, const std::string& flow_id, const Draft& draft,
            const std::string& version, const std::string& content);
/// A new content: `head` says the version and number it gets. The flow's row is left alone.
void insert_version(scai::db::Tx& tx, const Head& head, const std::string& author, const std::string& content,
                    const std::optional<std::string>& restored_from = std::nullopt);
/// Writes name, description, owner, version and number of `head` over the locked row; counts the revision,
/// moves the flow to the top of every list. revision, updated_at and updated_by of `head` become the new
/// ones.
void update(scai::db::Tx& tx, Head& head, const std::string& author);
/// Counts the revision and takes the flow out of every list, or puts it back on top.
void mark_deleted(scai::db::Tx& tx, Head& head, const std::string& author);
void undelete(scai::db::Tx& tx, Head& head, const std::string& author);

/// A row of the audit log about a flow; an absent `before` or `after` is null.
void audit(scai::db::Tx& tx, const Caller& caller, const Head& head, std::string_view action,
           const scai::json::Value& before, const scai::json::Value& after);

/// Mirrored, not deleted, active.
bool live_user(scai::db::Executor& reader, const std::string& tenant_id, const std::string& user_id);
/// Name of a mirrored user, "" when there is none.
std::string user_name(scai::db::Executor& reader, const std::string& tenant_id, const std::string& user_id);

} // namespace scaiflow::flows::store
