// From what somebody wrote to the identity that is meant, by the copy of the directory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaivault/identity/names.hpp"

#include <string>
#include <vector>

namespace scaivault::identity {

/// Which tenants are looked at.
class Where {
public:
    static Where tenant(std::string id) { return {std::move(id), false}; }
    /// Every tenant of a partner.
    static Where partner(std::string id) { return {std::move(id), true}; }
    const std::string& id() const { return id_; }
    bool is_partner() const { return partner_; }
    scai::db::Scope scope() const {
        return partner_ ? scai::db::Scope::all_tenants() : scai::db::Scope::tenant(id_);
    }

private:
    Where(std::string id, bool partner) : id_(std::move(id)), partner_(partner) {}
    std::string id_;
    bool partner_;
};

struct Identity {
    Type type;
    std::string id;        ///< the directory's; the name of those it does not know
    std::string canonical; ///< "user:usr_1"
    std::string shown;     ///< "user:mia@example.test"
    std::string tenant_id, display_name, email, status;
    bool mfa_enabled = false;
};

/// 404 identity_not_found, saying what to do; 422 naming `field` when several fit (the ids are listed).
/// Service accounts and systems are not in the directory: any well-formed name of theirs is known.
scai::Result<Identity> resolve(scai::db::Pool& pool, const Where& where, const Name& name,
                               const std::string& field);

/// Canonical names of the groups a user is in, nested ones too.
std::vector<std::string> groups_of(scai::db::Pool& pool, const Identity& user);

} // namespace scaivault::identity
