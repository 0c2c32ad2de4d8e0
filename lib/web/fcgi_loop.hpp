// FastCGI loop. Private to lib/web. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/web/listener.hpp"
#include "lib/web/metrics.hpp"
#include "lib/web/router.hpp"
#include "lib/web/server.hpp"
#include "lib/web/stream_hub.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace scai::web {

/// Workers wait in one epoll together. A readable descriptor is reported to exactly one of them
/// (EPOLLONESHOT), and only workers that have nothing to do wait there: a connection is never queued behind a
/// busy worker, and an idle connection costs no thread. An answer that goes on leaves with its connection.
class FcgiLoop {
public:
    FcgiLoop(const Router& router, Metrics& metrics, const ServerSettings& settings, Listener& listener);
    ~FcgiLoop();
    FcgiLoop(const FcgiLoop&) = delete;
    FcgiLoop& operator=(const FcgiLoop&) = delete;

    void start();
    /// Serves what has arrived, takes nothing new. False when workers are still busy after `limit`.
    bool stop(std::chrono::seconds limit);

private:
    void work();
    void accept_one();
    /// Serves one request that waits on the descriptor, then parks or closes it. `parked`: epoll knows it.
    void serve(int descriptor, bool parked);
    void park(int descriptor, bool parked);
    void rearm_listener();
    /// No worker is left: what nginx keeps for later is closed here and now. Until the process is gone, nginx
    /// could send a request into it, and one with effects is not sent again.
    void close_parked();

    const Router& router_;
    Metrics& metrics_;
    const ServerSettings& settings_;
    Listener& listener_;
    int epoll_ = -1;
    int wake_ = -1; ///< readable once stopping
    std::atomic<bool> stopping_{false};
    std::atomic<int> highest_{-1}; ///< descriptor of a connection
    StreamHub streams_;
    std::vector<std::thread> threads_;
    std::mutex mutex_; ///< of running_
    int running_ = 0;
    std::condition_variable ended_;
};

} // namespace scai::web
