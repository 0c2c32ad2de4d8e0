// What a write of a secret means for its rotation; called by secrets::write and secrets::change inside their
// transaction. Costs nothing for secrets without a rotation policy. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/db/db.hpp"
#include "lib/scaivault/app/caller.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace scaivault::rotation {

/// 404 rotation_policy_not_found. Before options.rotation_policy_id is stored.
scai::Status check_policy(scai::db::Tx& tx, std::string_view owner, std::string_view policy_id);
/// 404 secret_policy_not_found. Before options.secret_policy_id is stored.
scai::Status check_recipe(scai::db::Tx& tx, std::string_view owner, std::string_view recipe_id);

/// A plain write that comes while a rotation is due: it is that rotation.
struct DueRotation {
    std::string policy_id, policy_name;
    std::chrono::seconds grace_period{0};
};
/// Before the version is appended, for a secret with a rotation policy.
std::optional<DueRotation> due_rotation(scai::db::Tx& tx, std::string_view owner, std::string_view path,
                                        scai::UtcTime now);
/// After it: closes the due rotation with its event and history, and starts the schedule anew.
void close_by_write(scai::db::Tx& tx, const Caller& who, std::string_view owner, std::string_view path,
                    std::int64_t old_version, std::int64_t new_version, scai::UtcTime now);

/// After secrets.rotation_policy_id has changed: the schedule follows.
void link_changed(scai::db::Tx& tx, const Caller& who, std::string_view owner, std::string_view path,
                  const std::optional<std::string>& before, const std::optional<std::string>& after,
                  scai::UtcTime now);

} // namespace scaivault::rotation
