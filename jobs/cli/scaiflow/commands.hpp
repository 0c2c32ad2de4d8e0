// The commands of `scaiflow`, one file each: the function adds options to the parser and sets what runs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace CLI {
class App;
} // namespace CLI

namespace scaiflow::cli {

using Command = std::function<int()>;

void add_scaikey_register(CLI::App& app, Command& run);

} // namespace scaiflow::cli
