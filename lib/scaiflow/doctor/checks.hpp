// The parts of the doctor; private to this folder. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/db/db.hpp"
#include "lib/scaiflow/doctor/doctor.hpp"

namespace scaiflow::doctor {

inline Check ok(std::string name, std::string text) {
    return {std::move(name), Level::ok, std::move(text), ""};
}
inline Check warn(std::string name, std::string text, std::string fix) {
    return {std::move(name), Level::warn, std::move(text), std::move(fix)};
}
inline Check fail(std::string name, std::string text, std::string fix) {
    return {std::move(name), Level::fail, std::move(text), std::move(fix)};
}

/// Appends its checks; false when the database cannot be used, so that what needs it is left out.
bool check_database(const scai::config::Settings& settings, std::vector<Check>& out);
/// Sweeps, super_admins, pending grants, from a database that check_database found good. Returns a mirrored
/// tenant.
std::string check_mirror(const scai::config::Settings& settings, std::vector<Check>& out);
void check_scaikey(const scai::config::Settings& settings, scai::http::Client& http, const scai::Clock& clock,
                   const std::string& some_tenant, std::vector<Check>& out);

} // namespace scaiflow::doctor
