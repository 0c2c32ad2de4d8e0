// The command line of a job. CLI11 stays behind it: its header costs every source that reads it two seconds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/job/product.hpp"
#include "lib/job/watch.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scai::job {

/// What every job is told.
struct Options {
    std::string env_file;
    bool json = false;
    bool dry_run = false;
};

class CommandLine {
public:
    struct Range {
        std::int64_t min, max;
    };

    /// Has --help, --version, and --env-file, --json, --dry-run, which go to `options`. What options are read
    /// into must live until parse().
    CommandLine(const std::string& description, std::string name, Options& options, const Product& product);
    ~CommandLine();
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;

    void flag(const std::string& name, bool& into, const std::string& help);
    /// Any text but "" when `choices` is empty: --tenant "$T" of a variable that is not set must not mean all
    /// of them.
    void text(const std::string& name, std::string& into, const std::string& help,
              const std::vector<std::string>& choices = {});
    /// --help shows the default when it is one of the range; one outside it stands for "not given".
    void number(const std::string& name, std::int64_t& into, const std::string& help, Range range);
    void number(const std::string& name, int& into, const std::string& help, Range range);
    /// --watch and --for.
    void watch(Watch& into);
    /// What --help ends with.
    void footer(const std::string& text);

    /// nullopt: go on; else the exit code, help and complaints printed.
    std::optional<int> parse(int argc, char** argv);

    const std::string& name() const { return name_; }
    const Options& options() const { return options_; }
    const Product& product() const { return product_; }

private:
    struct Parser;

    std::string name_;
    const Options& options_;
    const Product& product_;
    std::unique_ptr<Parser> parser_;
};

} // namespace scai::job
