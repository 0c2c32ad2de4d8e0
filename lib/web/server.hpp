// FastCGI loop: T worker threads on one unix socket; idle kept connections are parked in epoll, never in a
// thread (design.md section 4). Without a FastCGI socket the same binary answers one CGI request on stdout.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/web/metrics.hpp"
#include "lib/web/router.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace scai::web {

class Tracer;

struct ServerSettings {
    /// Path; "" = use descriptor 0 when it is a listening socket (spawn-fcgi, systemd), else CGI.
    std::string socket = {};
    int threads = 8;
    int backlog = 1024;
    /// How often memory that a burst of large requests left unused goes back to the system.
    std::chrono::milliseconds memory_pause{10'000};
    std::string base_url = {};                     ///< public URL override; "" = from Host
    std::vector<std::string> trusted_proxies = {}; ///< addresses whose X-Forwarded-* count
    /// What requests and answers held is overwritten before its memory is given back.
    bool wipe = false;
    /// %2F in a path is a slash like any other; without this it is refused.
    bool escaped_slashes = false;
    /// Gets a span of every request; null: no traces. Shared: it outlives the last worker.
    std::shared_ptr<Tracer> tracer = {};
};

/// Serves until SIGTERM/SIGINT, drains what is in flight (at most 30 s), returns the exit code. One
/// access-log line per request: event "request", request_id, method, route, status, ms, bytes, tenant,
/// subject.
int serve(const Router& router, Metrics& metrics, const ServerSettings& settings);

} // namespace scai::web
