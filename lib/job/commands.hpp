// What is wrong with the command of a command line, in words that name it. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

namespace scai::job {

/// Text for the first word that is no command of the one before it: CLI11 says that a command is required, of
/// a mistyped one, too. Nothing when every word that should be a command is one.
std::optional<std::string> unknown_command(const CLI::App& app, int argc, const char* const* argv);

} // namespace scai::job
