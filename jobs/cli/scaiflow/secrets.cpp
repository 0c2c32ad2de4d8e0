// SPDX-License-Identifier: Apache-2.0
#include "jobs/cli/scaiflow/secrets.hpp"

#include "lib/scaiflow/registration/rules.hpp"

#include "lib/base/strings.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <termios.h>
#include <unistd.h>

namespace scaiflow::cli {

namespace {

scai::SecretText take(std::string& line) {
    scai::SecretText secret(scai::trim(line));
    explicit_bzero(line.data(), line.size());
    return secret;
}

/// Echo is switched back on whatever happens.
class NoEcho {
public:
    NoEcho() {
        active_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        if (active_)
            ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    ~NoEcho() {
        if (active_)
            ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;

private:
    termios before_{};
    bool active_ = false;
};

} // namespace

scai::Result<scai::SecretText> read_secret(const std::string& file, const char* variable,
                                           const std::string& prompt) {
    std::string line;
    if (file == "-") {
        std::getline(std::cin, line);
    } else if (!file.empty()) {
        std::ifstream in(file);
        if (!in)
            return registration::usage("cannot read " + file);
        std::getline(in, line);
    } else if (const char* value = std::getenv(variable); value != nullptr && *value != '\0') {
        line = value;
    } else if (::isatty(STDIN_FILENO) == 1) {
        std::fprintf(stderr, "%s: ", prompt.c_str());
        const NoEcho quiet;
        std::getline(std::cin, line);
        std::fputc('\n', stderr);
    }
    auto secret = take(line);
    if (secret.empty())
        return registration::usage(prompt + " is missing: give it in a file, on standard input (-) or in " +
                                   variable);
    return secret;
}

} // namespace scaiflow::cli
