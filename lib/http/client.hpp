// HTTP client over libcurl. Client is the edge interface tests replace; CurlClient is the real one.
// Defaults: TLS verified, no redirects, no proxy from the environment, http/https only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/base/result.hpp"
#include "lib/base/secret.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scai::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string method = "GET";
    std::string url;
    Headers headers;
    std::string body;
    std::chrono::milliseconds connect_timeout{5000};
    std::chrono::milliseconds timeout{30000}; ///< whole transfer, each attempt
    std::size_t max_body = 64U << 20U;        ///< a longer answer is a failure (transfer_error too_large)
    /// Extra attempts after the first. Only for idempotent requests; on 429/502/503/504 and transport errors.
    int retries = 0;
    /// Follow at most one 307/308 to the same origin (scheme, host, port), re-sending everything. contract
    /// scaikey.md 10.2
    bool follow_same_origin = false;
    /// Only addresses of the public internet: each address is looked at when it is about to be connected to,
    /// so neither the way the host is written nor a second answer of the resolver leads elsewhere.
    bool public_only = false;
    /// A POST may go over a kept connection: when that turns out dead it is sent again, so the receiver must
    /// bear to get it twice.
    bool keep_connection = false;
    /// "host:port:address[,address]" in place of what the resolver says.
    std::vector<std::string> resolve = {};
};

struct Response {
    int status = 0;
    Headers headers; ///< names as received
    std::string body;
    int attempts = 1;
    std::string redirected_to; ///< URL the answer came from, when a redirect was followed
    /// First header of that name, case-insensitive; "" if absent.
    std::string header(std::string_view name) const;
};

/// Why no response came. Error.code of a failed transfer is one of these texts:
/// "timeout", "connect", "reset", "tls", "too_large", "truncated", "protocol", "url", "address"
/// (public_only). Error.kind is timeout, too_large or upstream. Error.message names host and cause, never
/// query, body or headers.

class Client {
public:
    virtual ~Client() = default;
    /// Blocking. Any received status is a Response; only a transfer that failed is an Error.
    virtual Result<Response> send(const Request& request) = 0;
};

/// Thread-safe; every call in progress has a handle of its own, and handles keep their connections.
class CurlClient final : public Client {
public:
    CurlClient();
    ~CurlClient() override;
    Result<Response> send(const Request& request) override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Many requests in flight on one thread with a bound; completions run on the caller's thread inside run().
/// For walks: a completion may add() further requests. Memory is bounded by `parallel` bodies plus the queue
/// of requests.
class Fleet {
public:
    virtual ~Fleet() = default;
    using Done = std::function<void(Result<Response>)>;
    virtual void add(Request request, Done done) = 0;
    /// Returns when nothing is queued or in flight, or after stop().
    virtual void run() = 0;
    /// From inside a completion: drop the queue, abort what is in flight (their completions are not called).
    virtual void stop() = 0;
    virtual std::uint64_t calls() const = 0; ///< attempts made on the wire so far
    /// Asked every quarter of a second inside run(), also while nothing completes; true is like stop().
    virtual void watch(std::function<bool()> should_stop) = 0;
};

std::unique_ptr<Fleet> make_curl_fleet(int parallel);

/// Delay before attempt `attempt` (1 = first retry): Retry-After (seconds or HTTP date) when given, capped at
/// 120 s, else 0.5 s * 2^(attempt-1) with +-50 % jitter from `random` in [0,1).
std::chrono::milliseconds retry_delay(int attempt, std::string_view retry_after, double random);

/// "https://host:port" of a URL, lower-case, default port removed; "" if it is no http(s) URL.
std::string origin_of(std::string_view url);

} // namespace scai::http
