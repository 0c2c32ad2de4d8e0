// The commands of `scaiflow-admin`, one file each: the function adds its options to the parser and sets what
// runs. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
} // namespace CLI

namespace scaiflow::cli {

using Command = std::function<int()>;

/// Options every command takes, before or after its name.
struct Common {
    std::string env_file;
    bool json = false;
};

void add_migrate(CLI::App& app, Common& common, Command& run);
void add_grant(CLI::App& app, Common& common, Command& run);
void add_revoke(CLI::App& app, Common& common, Command& run);
void add_list(CLI::App& app, Common& common, Command& run);
void add_why(CLI::App& app, Common& common, Command& run);
void add_doctor(CLI::App& app, Common& common, Command& run);

} // namespace scaiflow::cli
