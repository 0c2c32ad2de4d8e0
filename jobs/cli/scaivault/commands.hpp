// The commands of `scaivault`, one file each: the function adds its options to the parser and sets what runs.
// Some ask a ScaiVault over HTTP, some work on the server's own database; which settings they read differs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
} // namespace CLI

namespace scaivault::cli {

using Command = std::function<int()>;

/// Options every command on the server takes.
struct Common {
    std::string env_file;
    bool json = false;
};

void add_migrate(CLI::App& app, Common& common, Command& run);

} // namespace scaivault::cli
