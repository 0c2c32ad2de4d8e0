// SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/rotation/hook.hpp"

#include "lib/scaivault/rotation/recipes.hpp"
#include "lib/scaivault/rotation/rules.hpp"
#include "lib/scaivault/rotation/service.hpp"
#include "lib/scaivault/rotation/store.hpp"
#include "lib/scaivault/rotation/tell.hpp"

namespace scaivault::rotation {

using scai::db::Tx;

scai::Status check_policy(Tx& tx, std::string_view owner, std::string_view policy_id) {
    if (!store::find_policy(tx, owner, policy_id))
        return rotation_policy_not_found(policy_id);
    return scai::Done{};
}

scai::Status check_recipe(Tx& tx, std::string_view owner, std::string_view recipe_id) {
    if (!store::find_recipe(tx, owner, recipe_id))
        return secret_policy_not_found(recipe_id);
    return scai::Done{};
}

std::optional<DueRotation> due_rotation(Tx& tx, std::string_view owner, std::string_view path,
                                        scai::UtcTime now) {
    const auto schedule = store::lock(tx, owner, path);
    if (!schedule || !schedule->policy.is_active || !closes(*schedule, now))
        return std::nullopt;
    return DueRotation{.policy_id = schedule->policy.id,
                       .policy_name = schedule->policy.name,
                       .grace_period = schedule->policy.grace_length};
}

void close_by_write(Tx& tx, const Caller& who, std::string_view owner, std::string_view path,
                    std::int64_t old_version, std::int64_t new_version, scai::UtcTime now) {
    auto schedule = store::lock(tx, owner, path);
    if (!schedule)
        return;
    schedule->version = old_version;
    const auto history = schedule->open_history.empty() ? store::open_history(tx, *schedule, "write", now)
                                                        : schedule->open_history;
    store::close_history(tx, owner, history, "success", new_version, "", now);
    store::advance(tx, *schedule, now);
    tell_completed(tx, who, *schedule, old_version, new_version, /*auto_generated=*/false);
}

void link_changed(Tx& tx, const Caller& who, std::string_view owner, std::string_view path,
                  const std::optional<std::string>& before, const std::optional<std::string>& after,
                  scai::UtcTime now) {
    if (before == after)
        return;
    if (after)
        store::assign(tx, owner, path, *after, who.identity_id, now);
    else
        store::detach(tx, owner, path, *before);
}

} // namespace scaivault::rotation
