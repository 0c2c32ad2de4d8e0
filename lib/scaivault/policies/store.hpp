// SQL of policies and bindings. Every statement names its owner; every change is followed by bump() in the
// same transaction. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/policies/model.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scaivault::policies::store {

std::vector<PolicyRow> page(scai::db::Executor& reader, const std::string& owner, bool inactive_too,
                            const std::string& after_name, std::int64_t limit);
std::optional<PolicyRow> find(scai::db::Executor& reader, const std::string& owner, const std::string& id);
/// Locks the row; its counts are 0.
std::optional<PolicyRow> lock(scai::db::Tx& tx, const std::string& owner, const std::string& id);
/// False when the name is taken.
bool insert(scai::db::Tx& tx, const PolicyRow& row);
/// Is `name` another policy's?
bool name_taken(scai::db::Tx& tx, const std::string& owner, const std::string& id, const std::string& name);
void update(scai::db::Tx& tx, const PolicyRow& row);
void remove(scai::db::Tx& tx, const std::string& owner, const std::string& id);
std::int64_t live_bindings(scai::db::Tx& tx, const std::string& owner, const std::string& id,
                           scai::UtcTime now);
void bump(scai::db::Tx& tx, const std::string& owner);

/// `tenants`: where users and groups are looked up. `known_only` leaves out users and groups of other
/// tenants.
std::vector<BindingRow> bindings(scai::db::Executor& reader, const std::string& owner,
                                 const std::string& policy_id, const std::vector<std::string>& tenants,
                                 bool known_only, const std::string& after_id, std::int64_t limit);
/// A second binding of the same identity renews the first: returns the id that is there now, and whether it
/// is new.
std::pair<std::string, bool> bind(scai::db::Tx& tx, const std::string& owner, const BindingRow& row);
/// The canonical identity that was bound; nullopt when there was no such binding.
std::optional<std::string> unbind(scai::db::Tx& tx, const std::string& owner, const std::string& policy_id,
                                  const std::string& binding_id);
std::vector<std::string> tenants_of_partner(scai::db::Executor& reader, const std::string& partner_id);

struct Person {
    std::string id, email, display_name, status;
    std::vector<std::string> groups; ///< of `groups`, that the user is in
};
/// Users of a tenant, by id after `after`, who are named in `users` or in one of `groups`.
std::vector<Person> people(scai::db::Executor& reader, const std::string& tenant,
                           const std::vector<std::string>& users, const std::vector<std::string>& groups,
                           const std::string& after, std::int64_t limit);
/// id and name of those groups of the tenant that are there.
std::vector<std::pair<std::string, std::string>>
group_names(scai::db::Executor& reader, const std::string& tenant, const std::vector<std::string>& groups);

} // namespace scaivault::policies::store
