// Rows of checkpoints. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaigrid/checkpoints/model.hpp"

#include <vector>

namespace scaigrid::checkpoints::store {

void insert(scai::db::Tx& tx, const std::string& tenant_id, const Checkpoint& checkpoint);
void set_message(scai::db::Tx& tx, const std::string& tenant_id, const std::string& id,
                 const std::string& message_id);

/// A checkpoint about to be settled; its row is locked.
struct Locked {
    std::string core_id, execution_id, path, status;
    scai::json::Value request; ///< {options, hitl_target}
};
std::optional<Locked> lock(scai::db::Tx& tx, const std::string& tenant_id, const std::string& id);
/// `status` resolved, expired or cancelled.
void settle(scai::db::Tx& tx, const std::string& tenant_id, const std::string& id, const std::string& status,
            const scai::json::Value& resolution, const std::optional<std::string>& by);
void reassign(scai::db::Tx& tx, const std::string& tenant_id, const std::string& id,
              const Assignee& assignee);

/// One row as contract scaigrid.md 5.2 has it, the text of a JSON object.
std::optional<std::string> find(scai::db::Reader& reader, const std::string& tenant_id,
                                const std::string& id);

struct ListQuery {
    std::string core_id, status;         ///< "": any
    std::vector<std::string> after = {}; ///< {microseconds, id}
    std::int64_t limit = 50;
};
struct Listed {
    std::string json, created_micros, id;
};
std::vector<Listed> list(scai::db::Reader& reader, const std::string& tenant_id,
                         const ListQuery& query); ///< oldest first

/// Pending ones that ran out, over all tenants.
struct Due {
    std::string tenant_id, id;
};
std::vector<Due> due(scai::db::Reader& reader, std::int64_t limit);
/// How a checkpoint that ran out goes on; locked. Nothing when somebody was quicker.
struct Expired {
    Locked row;
    std::optional<std::string> escalation_target; ///< when it is to be escalated now
};
std::optional<Expired> lock_due(scai::db::Tx& tx, const std::string& tenant_id, const std::string& id);
/// To the escalation's assignee, for as long again, one step more urgent.
void escalate(scai::db::Tx& tx, const std::string& tenant_id, const std::string& id, const Assignee& to);

} // namespace scaigrid::checkpoints::store
