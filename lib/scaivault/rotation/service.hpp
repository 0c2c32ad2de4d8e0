// Rotation as it happens. Intent before effect: a history row is written first, then the value is made, then
// version, history and schedule change in one transaction; what a killed process leaves open the next run
// takes up. The scheduler acts as system:rotation-scheduler. It needs no policy: linking a secret to a
// rotation policy takes the scope admin, and it reaches nothing but the linked secrets of the tenant.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/scaivault/rotation/hook.hpp"
#include "lib/scaivault/rotation/rules.hpp"
#include "lib/scaivault/rotation/store.hpp"
#include "lib/scaivault/seal/keyring.hpp"
#include "lib/scaivault/secrets/service.hpp"

#include <functional>

namespace scaivault::rotation {

scai::Error rotation_policy_not_found(std::string_view id);
scai::Error not_linked(std::string_view path);

class Rotator {
public:
    Rotator(scai::db::Pool& pool, seal::Keyring& keyring) : pool_(pool), keyring_(keyring) {}

    /// Rotates one secret now: a new version when its policy generates values, else rotation.due and a
    /// pending item that the next write closes. A failure is an item too; an error says that the secret is
    /// not linked (to `policy_id`, unless that is empty).
    scai::Result<HistoryItem> rotate(const Caller& who, std::string_view path, std::string_view policy_id,
                                     std::string_view cause, scai::UtcTime now) const;

    struct Report {
        std::int64_t healed = 0, warned = 0, due = 0, overdue = 0, rotated = 0, failed = 0;
    };
    /// Everything that is to be done at `now`.
    Report run(scai::UtcTime now, const std::function<bool()>& must_stop) const;

private:
    bool run_batch(scai::UtcTime now, Report& report, const std::function<bool()>& must_stop) const;
    HistoryItem generate_and_write(const Caller& who, const Schedule& schedule, scai::UtcTime now) const;
    scai::Result<scai::SecretText> new_value(const Caller& who, const Schedule& schedule,
                                             scai::UtcTime now) const;
    void fail(const Caller& who, const Schedule& schedule, const scai::Error& error, scai::UtcTime now) const;

    scai::db::Pool& pool_;
    seal::Keyring& keyring_;
};

} // namespace scaivault::rotation
