// What the benchmarks share: figures, load, and the ceilings of this machine measured in the same run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace test {

/// "name<TAB>value<TAB>unit<TAB>goal", a line of the table.
void figure(const std::string& name, const std::string& value, const std::string& unit,
            const std::string& goal = "");
std::string fixed(double value, int digits = 1);
/// First group of the pattern in the text as a number; throws when the program printed something else.
double number_in(const std::string& text, const std::string& pattern);

class Stack;
/// Stops the cron jobs of the stack: what is measured is what the benchmark does.
void stop_cron(const Stack& stack);

/// A server beside the stack, killed by pid when the measurement ends.
class Background {
public:
    explicit Background(const std::vector<std::string>& arguments);
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;
    ~Background();

private:
    pid_t pid_;
};

struct Rate {
    double per_second = 0;
    std::string p50, p99;
};
/// wrk with that many kept connections; any answer but 2xx fails the benchmark. `script` is a file of wrk's.
Rate load(const std::string& url, const std::vector<std::string>& headers = {}, int seconds = 8,
          int connections = 64, const std::string& script = "");

/// Ceilings of this machine: an nginx of their own in front of the two hello programs. Paths: /constant,
/// /plain/x (libfcgi as its manual shows it, a new connection a request), /parked/x (our own loop).
class Ceilings {
public:
    Ceilings(const std::string& folder, const std::string& objects);
    std::string url(const std::string& path) const;

private:
    int port_;
    std::vector<std::unique_ptr<Background>> servers_;
};

} // namespace test
