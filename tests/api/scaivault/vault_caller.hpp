// Somebody at ScaiVault's API, through nginx. The stack of these tests limits nobody's rate in practice and
// lets webhooks go to loopback. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/stack.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>

namespace test::vault {

/// Shared by ScaiVault's tests; they break it and put it together again.
Stack& stack();
extern const std::string every_scope;

struct Answer {
    int status = 0;
    scai::json::Value json; ///< absent when the body is none
    Stack::Response raw;
    std::string code() const { return json.get("error").member("code"); }
};

class Caller {
public:
    explicit Caller(std::string token) : token_(std::move(token)) {}
    Answer send(const std::string& method, const std::string& path, const std::string& body = "",
                Stack::Headers headers = {}) const;
    Answer get(const std::string& path, Stack::Headers headers = {}) const {
        return send("GET", path, "", std::move(headers));
    }
    /// Fails the test unless the status is this one; the body.
    scai::json::Value expect(int status, const std::string& method, const std::string& path,
                             const std::string& body = "", Stack::Headers headers = {}) const;
    const std::string& token() const { return token_; }

private:
    std::string token_;
};

/// super_admin of the demo tenant tnt_demoacme, every scope. Tokens are asked for once a process.
Caller admin();
/// An ordinary user of that tenant, every scope asked for.
Caller ordinary();
/// sa:scaivault-demo: secrets:read, write, list, delete; no policy unless a test binds one.
Caller service();
Caller nobody();

/// A policy for everything that matches `pattern`, bound to `identity` ("sa:scaivault-demo"); its id.
std::string allow(const std::string& name, const std::string& pattern, const std::string& permissions,
                  const std::string& identity);

/// `scaivault` with this caller's token in its environment (none: no token) and a HOME of these tests.
Finished cli(const Caller& who, const std::vector<std::string>& arguments, const std::string& input = "");
/// As the service account.
Finished cli(const std::vector<std::string>& arguments, const std::string& input = "");
/// What redis-cli prints.
std::string redis(std::vector<std::string> command);

} // namespace test::vault
