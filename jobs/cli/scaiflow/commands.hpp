// The commands of `scaiflow`, one file each: the function adds options to the parser and sets what runs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace CLI {
class App;
} // namespace CLI

namespace scaiflow::cli {

using Command = std::function<int()>;

void add_validate(CLI::App& app, Command& run);
void add_compile(CLI::App& app, Command& run);
void add_import(CLI::App& app, Command& run);
void add_publish(CLI::App& app, Command& run);
void add_deploy(CLI::App& app, Command& run);
void add_test(CLI::App& app, Command& run);
void add_fmt(CLI::App& app, Command& run);
void add_diff(CLI::App& app, Command& run);
void add_schema(CLI::App& app, Command& run);
void add_scaikey_register(CLI::App& app, Command& run);

} // namespace scaiflow::cli
