// The tables of rotation. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/rotation/model.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaivault::rotation::store {

/// By id, after `after`.
std::vector<Policy> list_policies(scai::db::Reader& reader, std::string_view tenant_id, bool active_only,
                                  std::string_view after, std::int64_t limit);
std::optional<Policy> find_policy(scai::db::Reader& reader, std::string_view tenant_id, std::string_view id);
/// False when the name is taken.
bool insert_policy(scai::db::Tx& tx, std::string_view tenant_id, std::string_view created_by, Policy& policy);
bool update_policy(scai::db::Tx& tx, std::string_view tenant_id, Policy& policy); ///< sets updated_at
/// Its secrets go on without it.
bool remove_policy(scai::db::Tx& tx, std::string_view tenant_id, std::string_view id);
/// Schedules begin anew from what was rotated last: the policy's times are other ones.
void reschedule(scai::db::Tx& tx, std::string_view tenant_id, std::string_view policy_id);
/// Schedules are looked at again by the next run.
void wake(scai::db::Tx& tx, std::string_view tenant_id, std::string_view policy_id);
/// Of `ids`, those that are no webhook of the tenant.
std::vector<std::string> unknown_webhooks(scai::db::Reader& reader, std::string_view tenant_id,
                                          const std::vector<std::string>& ids);

/// Links the secret, from now on; nothing when there is no such secret. A secret that is linked already stays
/// as it is.
std::optional<Assignment> assign(scai::db::Tx& tx, std::string_view tenant_id, std::string_view path,
                                 std::string_view policy_id, std::string_view by, scai::UtcTime now);
bool detach(scai::db::Tx& tx, std::string_view tenant_id, std::string_view path, std::string_view policy_id);
std::vector<std::string> paths_of(scai::db::Reader& reader, std::string_view tenant_id,
                                  std::string_view policy_id);

/// Newest first.
std::vector<HistoryItem> history(scai::db::Reader& reader, std::string_view tenant_id,
                                 std::string_view policy_id, std::string_view status, std::int64_t before,
                                 std::int64_t limit);
std::optional<HistoryItem> find_history(scai::db::Reader& reader, std::string_view tenant_id,
                                        std::string_view id);
struct DueQuery {
    std::int64_t within_hours = 24;
    bool include_overdue = true;
    std::string policy_id;
    std::int64_t after_us = 0;
    std::string after_path;
    std::int64_t limit = 100;
};
std::vector<DueItem> due(scai::db::Reader& reader, std::string_view tenant_id, const DueQuery& query,
                         scai::UtcTime now);
/// Schedules whose time has come, over all tenants.
std::int64_t queue_depth(scai::db::Reader& reader);

/// Makes schedules say what secrets say: links made by a write, secrets that are gone.
std::int64_t heal(scai::db::Tx& tx);
/// The schedule of a secret that is not removed, locked; `wait` false = nothing when somebody else holds it.
std::optional<Schedule> lock(scai::db::Tx& tx, std::string_view tenant_id, std::string_view path);
/// Up to `limit` schedules with something to do, locked, past those that others hold.
std::vector<Schedule> lock_due(scai::db::Tx& tx, scai::UtcTime now, std::int64_t limit);
/// warned, due_sent, overdue_sent, open_history, failures and when to look next.
void save(scai::db::Tx& tx, const Schedule& schedule, scai::UtcTime look_at);
/// Rotated: everything begins anew.
void advance(scai::db::Tx& tx, const Schedule& schedule, scai::UtcTime rotated_at);

std::string open_history(scai::db::Tx& tx, const Schedule& schedule, std::string_view cause,
                         scai::UtcTime now);
void close_history(scai::db::Tx& tx, std::string_view tenant_id, std::string_view id, std::string_view status,
                   std::optional<std::int64_t> new_version, std::string_view error, scai::UtcTime now);

} // namespace scaivault::rotation::store
