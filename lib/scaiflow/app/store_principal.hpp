// What the mirror says about a caller. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scaiflow {

/// The versions of the rows a MirroredUser was made of. Every change of what a user may do gives his row or
/// his tenant's another version: the memberships' triggers see to theirs.
struct UserVersion {
    std::string user;                  ///< xmin of the row in users
    std::optional<std::string> tenant; ///< of the row in tenants; a user may have none there
    bool operator==(const UserVersion&) const = default;
};

struct MirroredUser {
    std::string email, display_name, status;
    bool deleted = false;
    std::string admin_role, admin_role_source; ///< "" = none
    std::vector<std::string> groups;           ///< sorted
    UserVersion version;
};

/// One round trip. Nothing when the mirror does not know the user.
std::optional<MirroredUser> find_principal(scai::db::Pool& pool, std::string_view tenant,
                                           std::string_view user);

/// The same, remembered for at most a minute and only while the database confirms the versions: one narrow
/// read by primary key, so whoever is disabled is out at once. Thread-safe.
class Principals {
public:
    explicit Principals(scai::db::Pool& pool);
    ~Principals();
    /// What is remembered, unconfirmed: for who compares its version with what his own statement saw. nullptr
    /// when nothing is.
    std::shared_ptr<const MirroredUser> remembered(const std::string& tenant, const std::string& user);
    /// nullptr when the mirror does not know the user.
    std::shared_ptr<const MirroredUser> find(const std::string& tenant, const std::string& user);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace scaiflow
