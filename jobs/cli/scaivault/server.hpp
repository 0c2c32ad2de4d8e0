// What the commands on the server share: settings, database, output. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/cli/scaivault/commands.hpp"
#include "lib/config/settings.hpp"
#include "lib/db/db.hpp"
#include "lib/json/value.hpp"

#include <optional>
#include <stdexcept>
#include <string>

namespace scaivault::cli {

void add_common(CLI::App& command, Common& common);
/// The codes every command on the server may end with, for the end of its --help.
std::string exit_codes(const std::string& own);

scai::config::Settings load_settings(const Common& common); ///< Stop 78
scai::db::PoolSettings database_of(const scai::config::Settings& settings,
                                   const std::string& role_group); ///< Stop 78
/// A pool as scaivault_<role_group> on a database whose schema this program knows. Stop 78 when it does not.
scai::db::Pool& open(std::optional<scai::db::Pool>& pool, const scai::config::Settings& settings,
                     const std::string& role_group = "cli");

/// One JSON object on standard output, or the text.
void print(const Common& common, const scai::json::Value& object, const std::string& text);

} // namespace scaivault::cli
