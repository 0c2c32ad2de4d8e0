// A real Redis of a test's own, on a unix socket in a scratch folder (and on TLS when asked); gone with the
// object, or with the process. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace test {

class Redis {
public:
    explicit Redis(std::vector<std::string> options = {}); ///< further arguments of redis-server
    ~Redis();
    Redis(const Redis&) = delete;
    Redis& operator=(const Redis&) = delete;

    std::string url() const { return "unix://" + socket(); }
    std::string socket() const { return folder_ + "/redis.sock"; }
    const std::string& folder() const { return folder_; }
    void stop(); ///< kill -9: what it knew is gone
    void start();
    void freeze(bool frozen) const; ///< it neither answers nor closes
    /// Answer of redis-cli.
    std::string ask(const std::vector<std::string>& command) const;

private:
    std::string folder_;
    std::vector<std::string> options_;
    pid_t pid_ = -1;
};

} // namespace test
