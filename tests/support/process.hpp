// Runs a program for a test with an environment of its own and collects what it prints.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace test {

using Environment = std::map<std::string, std::string>;

/// PATH, HOME, TMPDIR, LANG and the sanitizers' options of this process; nothing else of it.
Environment clean_environment();

struct Finished {
    int status = -1; ///< exit code; 128 + signal when killed
    std::string out; ///< standard output
    std::string err; ///< standard error
    std::string all() const { return out + err; }
};

/// Waits for the end; after `limit` the program is killed (status 137). `input` becomes standard input.
Finished run(const std::vector<std::string>& arguments, const Environment& environment,
             const std::string& input = "", std::chrono::seconds limit = std::chrono::seconds(120));

} // namespace test
