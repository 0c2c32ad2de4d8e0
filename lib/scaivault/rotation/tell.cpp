// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/rotation/tell.hpp"

#include "lib/scaivault/events/outbox.hpp"

namespace scaivault::rotation {

using scai::db::Tx;
using scai::json::Value;

namespace {

void tell(Tx& tx, const Caller& who, const Schedule& schedule, const char* type, Value data) {
    data.set("rotation_policy_id", schedule.policy.id);
    data.set("rotation_policy_name", schedule.policy.name);
    events::emit(tx, who,
                 {.type = type,
                  .owner = schedule.tenant_id,
                  .path = schedule.path,
                  .secret_type = schedule.secret_type,
                  .tags = schedule.tags,
                  .data = std::move(data)});
}

} // namespace

void tell_warning(Tx& tx, const Caller& who, const Schedule& schedule, std::string_view threshold) {
    tell(tx, who, schedule, "rotation.due",
         Value::object({{"threshold", threshold},
                        {"warn_before", threshold},
                        {"due_now", false},
                        {"due_at", scai::to_iso8601(schedule.next)}}));
}

void tell_due(Tx& tx, const Caller& who, const Schedule& schedule) {
    tell(tx, who, schedule, "rotation.due",
         Value::object({{"due_now", true},
                        {"due_at", scai::to_iso8601(schedule.next)},
                        {"overdue_at", scai::to_iso8601(schedule.next + schedule.policy.grace_length)}}));
}

void tell_overdue(Tx& tx, const Caller& who, const Schedule& schedule, scai::UtcTime now) {
    tell(
        tx, who, schedule, "rotation.overdue",
        Value::object(
            {{"due_at", scai::to_iso8601(schedule.next)},
             {"overdue_seconds",
              std::int64_t{std::chrono::duration_cast<std::chrono::seconds>(now - schedule.next).count()}}}));
}

void tell_completed(Tx& tx, const Caller& who, const Schedule& schedule, std::int64_t old_version,
                    std::int64_t new_version, bool auto_generated) {
    tell(tx, who, schedule, "rotation.completed",
         Value::object({{"old_version", old_version},
                        {"new_version", new_version},
                        {"auto_generated", auto_generated}}));
}

void tell_failed(Tx& tx, const Caller& who, const Schedule& schedule, std::string_view code,
                 std::string_view message, scai::UtcTime retry_at) {
    tell(tx, who, schedule, "rotation.failed",
         Value::object({{"error", Value::object({{"code", code}, {"message", message}})},
                        {"attempt", schedule.failures},
                        {"retry_at", scai::to_iso8601(retry_at)}}));
}

} // namespace scaivault::rotation
