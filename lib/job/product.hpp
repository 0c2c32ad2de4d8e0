// What a product tells its jobs about itself. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/settings.hpp"
#include "lib/db/db.hpp"

#include <span>
#include <string>
#include <string_view>

namespace scai::job {

/// What a product says about itself, once.
struct Product {
    std::string_view name; ///< schema and prefix: "scaikey"
    std::span<const config::Setting> settings;
    config::Source source;
    std::string_view log_level; ///< name of the setting
    /// libpq settings of a process type; throws std::runtime_error when no database is set.
    db::PoolSettings (*pool_settings)(const config::Settings&, const std::string& group);
    int schema_version;               ///< newest migration the program knows
    std::string_view migrate_command; ///< "scaikey-job-migrate"
};

} // namespace scai::job
