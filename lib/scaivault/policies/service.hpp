// Managing policies and bindings: who may, the transaction with its audit row and its event, the generation
// that makes every process read the change. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/app/caller.hpp"
#include "lib/scaivault/audit/journal.hpp"
#include "lib/scaivault/identity/resolve.hpp"
#include "lib/scaivault/policies/model.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scaivault::policies {

/// Of a change: who, when, and the audit row that goes into its transaction (action and request are filled
/// in).
struct Change {
    const Caller& caller;
    scai::UtcTime now;
    audit::Entry entry;
};

/// Policies are managed by administrators and by service accounts that were given policies:write; those of a
/// partner by its administrators only. Nobody gives by a policy or binding what he may not manage.
scai::Status may_manage(const Caller& caller, const std::string& owner);
/// "tenant" or "partner" -> owner.
scai::Result<std::string> owner_of_scope(const Caller& caller, const std::string& scope);

/// The caller's tenant's policies, then its partner's, each by name.
struct Page {
    std::vector<PolicyRow> policies;
    std::optional<std::pair<std::string, std::string>> next; ///< scope and name of the last one
};
/// `scope` is "", "tenant" or "partner"; `after` is Page::next of the page before.
Page list(scai::db::Pool& pool, const Caller& caller, const std::string& scope, bool inactive_too,
          const std::optional<std::pair<std::string, std::string>>& after, std::int64_t limit);

/// 404 policy_not_found unless it is the tenant's or its partner's.
scai::Result<PolicyRow> find(scai::db::Pool& pool, const Caller& caller, const std::string& id);

/// 409 name_conflict.
scai::Result<PolicyRow> create(scai::db::Pool& pool, const Change& change, const std::string& owner,
                               const Changes& wanted);
/// 409 name_conflict, version_conflict.
scai::Result<PolicyRow> update(scai::db::Pool& pool, const Change& change, const std::string& id,
                               const Changes& wanted);
/// 409 policy_in_use while a binding that has not expired is there, unless `force`.
scai::Status remove(scai::db::Pool& pool, const Change& change, const std::string& id, bool force);

/// Of the binding list: after which id, at most how many. Users and groups of other tenants show to
/// administrators of the partner only.
scai::Result<std::vector<BindingRow>> bindings(scai::db::Pool& pool, const Caller& caller,
                                               const PolicyRow& policy, const std::string& after_id,
                                               std::int64_t limit);

struct Bound {
    BindingRow binding;
    bool created = false; ///< else an existing one got the new expiry
};
scai::Result<Bound> bind(scai::db::Pool& pool, const Change& change, const std::string& policy_id,
                         const identity::Name& name, std::optional<scai::UtcTime> expires_at);
scai::Status unbind(scai::db::Pool& pool, const Change& change, const std::string& policy_id,
                    const std::string& binding_id);

} // namespace scaivault::policies
