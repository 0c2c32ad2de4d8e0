// Rotation policies, schedules, history as the tables hold them. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace scaivault::rotation {

struct Policy {
    std::string id, name, description;
    std::string interval = {}; ///< as written
    std::chrono::seconds interval_length{0};
    std::string grace_period = "48h";
    std::chrono::seconds grace_length{48 * 3600};
    std::string warn_before;                ///< "3d,1d"; "" = none
    std::vector<std::int64_t> warn_seconds; ///< falling
    bool auto_generate = false;
    std::optional<std::string> secret_policy_id;
    std::vector<std::string> webhook_ids;
    bool is_active = true;
    std::int64_t secrets_count = 0;
    std::string created_at, updated_at;
};

struct Assignment {
    std::string policy_id, path, assigned_at, next_rotation_at;
    std::optional<std::string> last_rotated_at;
};

struct HistoryItem {
    std::string id, policy_id, path, status, started_at;
    std::int64_t seq = 0;
    std::optional<std::int64_t> old_version, new_version;
    std::optional<std::string> completed_at, error;
};

struct DueItem {
    std::string path, policy_id, due_at;
    bool is_overdue = false, auto_generate = false;
    std::optional<std::string> last_rotated_at;
    std::int64_t due_us = 0; ///< of the keyset
};

/// Where a secret stands in its schedule.
struct Schedule {
    std::string tenant_id, partner_id, path;
    Policy policy;
    scai::UtcTime next;
    std::optional<std::int64_t> warned; ///< smallest threshold announced
    bool due_sent = false, overdue_sent = false;
    std::string open_history; ///< "" = none
    int failures = 0;
    std::string secret_type;
    std::vector<std::string> tags;
    std::int64_t version = 0;
};

} // namespace scaivault::rotation
