// SPDX-License-Identifier: Apache-2.0
#include "lib/web/server.hpp"

#include "lib/log/log.hpp"
#include "lib/web/cgi.hpp"
#include "lib/web/fcgi_loop.hpp"
#include "lib/web/listener.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <malloc.h>
#include <optional>
#include <stdexcept>
#include <sys/resource.h>
#include <sysexits.h>
#include <thread>
#include <unistd.h>

namespace scai::web {

namespace {

constexpr std::chrono::seconds drain_limit{30};

/// Two heaps a core are enough for threads that mostly wait. The C library's eight keep what the largest
/// requests needed eight times.
void keep_few_heaps() {
    mallopt(M_ARENA_MAX, 2 * std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
}

/// The C library keeps what is free between what is in use. Looks whenever it is called, works only after a
/// change.
class UnusedMemory {
public:
    void give_back() {
        const std::size_t unused = mallinfo2().fordblks;
        if (unused == seen_ || unused < worth_it)
            return;
        malloc_trim(0);
        seen_ = mallinfo2().fordblks;
    }

private:
    static constexpr std::size_t worth_it = 4U << 20U;
    std::size_t seen_ = 0;
};

/// SIGTERM and SIGINT wait for whoever asks; threads made meanwhile inherit that, so none is ever
/// interrupted.
class StopSignals {
public:
    StopSignals() {
        sigemptyset(&set_);
        sigaddset(&set_, SIGTERM);
        sigaddset(&set_, SIGINT);
        pthread_sigmask(SIG_BLOCK, &set_, &before_);
    }
    ~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;
    /// Calls `meanwhile` after every pause without one.
    int wait(std::chrono::milliseconds pause, const std::function<void()>& meanwhile) const {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(pause);
        const timespec limit{.tv_sec = seconds.count(),
                             .tv_nsec = std::chrono::nanoseconds(pause - seconds).count()};
        for (;;) {
            const int signal = ::sigtimedwait(&set_, nullptr, &limit);
            if (signal > 0)
                return signal;
            if (errno == EAGAIN)
                meanwhile();
        }
    }

private:
    sigset_t set_{};
    sigset_t before_{};
};

/// A client of a stream holds a descriptor, and the usual soft limit of 1,024 is not about them.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int serve_fastcgi(const Router& router, Metrics& metrics, const ServerSettings& settings,
                  Listener& listener) {
    const StopSignals signals;
    raise_descriptor_limit();
    FcgiLoop loop(router, metrics, settings, listener);
    loop.start();
    log::info("started", {{"socket", settings.socket.empty() ? "inherited" : settings.socket},
                          {"threads", settings.threads},
                          {"pid", static_cast<int>(::getpid())}});
    UnusedMemory unused;
    const int signal = signals.wait(settings.memory_pause, [&] { unused.give_back(); });
    log::info("stopping", {{"signal", signal}});
    if (!loop.stop(drain_limit)) {
        // Workers still hang in a request: nothing they use may be destroyed under them.
        log::error("drain_timeout", {{"seconds", static_cast<std::int64_t>(drain_limit.count())}});
        std::_Exit(EX_OK);
    }
    log::info("stopped");
    return EX_OK;
}

} // namespace

int serve(const Router& router, Metrics& metrics, const ServerSettings& settings) {
    keep_few_heaps();
    std::signal(SIGPIPE, SIG_IGN); // a peer that hangs up is an error of one write, not of the process
    try {
        std::optional<Listener> listener;
        if (!settings.socket.empty())
            listener.emplace(settings.socket, settings.backlog);
        else if (is_listening(STDIN_FILENO))
            listener.emplace(STDIN_FILENO);
        if (listener)
            return serve_fastcgi(router, metrics, settings, *listener);
    } catch (const std::runtime_error& error) {
        log::error("cannot_serve", {{"error", error.what()}});
        return EX_UNAVAILABLE;
    }
    if (std::getenv("REQUEST_METHOD") == nullptr) { // NOLINT(concurrency-mt-unsafe): no threads yet
        log::error("nothing_to_serve",
                   {{"error", "no --socket, descriptor 0 is no listening socket, and REQUEST_METHOD is not "
                              "set for a CGI request"}});
        return EX_USAGE;
    }
    return serve_cgi(router, metrics, settings);
}

} // namespace scai::web
