// Redis client: a small pool of connections over TCP, TLS or a unix socket, every command within one
// deadline. The protocol is read and written by hiredis; the sockets are ours, because Debian's hiredis
// speaks no TLS. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/base/secret.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scai::redis {

struct Address {
    std::string host, port; ///< or
    std::string path;       ///< of a unix socket
    bool tls = false;       ///< certificate and name are verified
    std::string user;
    SecretText password;
    std::int64_t database = 0;
};

/// redis://[[user]:password@]host[:port][/database], rediss:// likewise, unix:///path[?db=n]. bad_request
/// says what is wrong and never repeats the URL: it may hold a password.
Result<Address> parse_address(std::string_view url);

struct Reply {
    enum class Kind { nil, integer, text, array, error };
    Kind kind = Kind::nil;
    std::int64_t integer = 0;
    std::string text; ///< of text and error
    std::vector<Reply> items;
};

struct Timeouts {
    std::chrono::milliseconds connect{100}; ///< all of it: TCP, TLS, AUTH, SELECT
    std::chrono::milliseconds command{100};
};

/// Thread-safe. Connects lazily; as many connections as there are commands at once, at most `keep` of them
/// are kept.
class Client {
public:
    Client(Address address, Timeouts timeouts, std::size_t keep = 8);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// One round trip. An answer of the server that is an error is a Reply; an Error is "no answer":
    /// unavailable with code timeout, connect, closed, tls, protocol or auth. A kept connection that the
    /// server has closed is replaced once, unseen.
    Result<Reply> command(std::span<const std::string_view> arguments);
    Result<Reply> command(std::initializer_list<std::string_view> arguments) {
        return command(std::span(arguments.begin(), arguments.size()));
    }

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace scai::redis
