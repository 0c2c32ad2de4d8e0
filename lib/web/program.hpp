// main() of a handler program, the same for every product: options, --help with the settings, refusals.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/settings.hpp"
#include "lib/db/db.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace scai::web {

struct Program {
    std::string name;        ///< "scaiflow-flows", also in every log line
    std::string description; ///< first line of --help
    std::span<const config::Setting> settings;
    config::Source source;
    std::string_view log_level; ///< name of the setting
};

/// Parses --env-file, --socket, --help and --version (nothing when it runs as CGI: what a web server passes
/// there is the client's text), reads the settings and calls `serve` with them and the socket's path. Bad
/// settings and a std::runtime_error out of `serve` are logged as cannot_start and give 78 (sysexits.h
/// EX_CONFIG).
int run_program(const Program& program, int argc, char** argv,
                const std::function<int(config::Settings settings, const std::string& socket)>& serve);

/// Throws std::runtime_error when the schema is newer than `known`; an older one is fine (expand, migrate,
/// contract) and logged with `migrate_command`. A database that does not answer is no reason to stay down:
/// requests get 503 until it does.
void fit_schema(db::Pool& pool, const std::string& schema, int known, std::string_view migrate_command);
/// "the database schema is at version 5, this program knows version 4: install the newer program"
std::string schema_mismatch(int there, int known, std::string_view migrate_command);

/// Whether the host of an http(s) URL is localhost or a loopback address.
bool is_loopback_url(std::string_view url);

} // namespace scai::web
