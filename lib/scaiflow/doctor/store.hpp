// What the doctor asks the database; private to this folder. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"

#include <optional>
#include <string>
#include <vector>

namespace scaiflow::doctor::store {

struct Server {
    std::string version;    ///< "15.8"
    bool recovery = false;  ///< a standby: nothing can be written
    bool superuser = false; ///< the login is one
    std::vector<std::string> missing_roles;
};
Server read_server(scai::db::Reader& reader);

/// Tables of the mirror that row-level security does not guard, and whether the role evades it.
struct RowSecurity {
    std::vector<std::string> open_tables;
    bool bypassed = false;
};
RowSecurity read_row_security(scai::db::Reader& reader);

struct Sweeps {
    std::optional<std::int64_t> completed_age; ///< seconds since the last complete one began
    std::string last_outcome;                  ///< "" = never ran; "running"
    std::string last_started;
    std::string first_trouble; ///< text of its first warning or error
};
Sweeps read_sweeps(scai::db::Reader& reader);

/// Seconds since ScaiKey's last event arrived; nothing when none is remembered.
std::optional<std::int64_t> last_event_age(scai::db::Reader& reader);

struct Mirror {
    std::int64_t tenants = 0, users = 0, super_admins = 0, pending = 0;
    std::string some_tenant;
};
Mirror read_mirror(scai::db::Reader& reader);

} // namespace scaiflow::doctor::store
