// SPDX-License-Identifier: Apache-2.0
#include "lib/web/fcgi_loop.hpp"

#include "lib/log/log.hpp"
#include "lib/web/exchange.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fastcgi.h>
#include <fcgiapp.h>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

namespace scai::web {

namespace {

constexpr int max_chunk = 1 << 20;
/// A peer that stops in the middle of a request or of reading its answer gives the worker back after this.
constexpr timeval stall_limit{.tv_sec = 30, .tv_usec = 0};
/// Stopping, a client has so long to take its last text.
constexpr std::chrono::seconds stream_limit{2};

enum class Peek { data, nothing, end };

Peek peek(int descriptor) {
    char byte = 0;
    const auto got = ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got > 0)
        return Peek::data;
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? Peek::nothing : Peek::end;
}

iovec iovec_of(const void* data, std::size_t size) {
    return {const_cast<void*>(data), size}; // writev does not write there
}

/// All parts, one after the other; false when the peer is gone or does not read.
bool send_all(int descriptor, std::array<iovec, 3> parts) {
    const auto left = [](const iovec& part) { return part.iov_len > 0; };
    while (std::any_of(parts.begin(), parts.end(), left)) {
        auto sent = ::writev(descriptor, parts.data(), static_cast<int>(parts.size()));
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        for (iovec& part : parts) {
            const auto taken = std::min(part.iov_len, static_cast<std::size_t>(sent));
            part.iov_base = static_cast<char*>(part.iov_base) + taken;
            part.iov_len -= taken;
            sent -= static_cast<ssize_t>(taken);
        }
    }
    return true;
}

/// libfcgi's request on a descriptor of ours.
class FcgiRequest {
public:
    FcgiRequest() { FCGX_InitRequest(&raw_, no_listener, 0); }
    ~FcgiRequest() { FCGX_Free(&raw_, 0); }
    FcgiRequest(const FcgiRequest&) = delete;
    FcgiRequest& operator=(const FcgiRequest&) = delete;

    /// Reads a request's variables; false when there is none: libfcgi has closed the descriptor then.
    bool read(int descriptor) {
        raw_.ipcFd = descriptor;
        raw_.keepConnection = 1; // FCGX_Accept_r begins by finishing the request before
        // NB: without it libfcgi lingers in select() when it closes, which aborts for descriptors above
        // 1,023.
        raw_.detached = 1;
        return FCGX_Accept_r(&raw_) == 0;
    }
    const char* const* variables() const { return raw_.envp; }
    Wire wire(const ServerSettings& settings) {
        return {.read =
                    [this](char* buffer, std::size_t size) {
                        return static_cast<std::size_t>(FCGX_GetStr(buffer, static_cast<int>(size), raw_.in));
                    },
                .write =
                    [this](const std::string& data) {
                        if (data.size() > largest_buffered)
                            return send_records(data);
                        for (std::size_t at = 0; at < data.size();) {
                            const int part =
                                static_cast<int>(std::min<std::size_t>(data.size() - at, max_chunk));
                            if (FCGX_PutStr(data.data() + at, part, raw_.out) != part)
                                return false;
                            at += static_cast<std::size_t>(part);
                        }
                        return true;
                    },
                .tracer = settings.tracer.get(),
                .wipe = settings.wipe};
    }
    /// The connection is somebody else's from here on; nothing more is sent by this request. Its id.
    int leave() {
        const int id = raw_.requestId;
        FCGX_Free(&raw_, 0);
        raw_.ipcFd = -1;
        return id;
    }
    /// Sends the rest. True when the peer keeps the connection and it still works; else it is closed.
    bool finish(bool keep) {
        raw_.keepConnection = keep ? raw_.keepConnection : 0;
        FCGX_Finish_r(&raw_);
        const bool kept = raw_.ipcFd >= 0;
        raw_.ipcFd = -1;
        return kept;
    }

private:
    /// What fits libfcgi's buffer leaves in one write together with the end of the answer.
    static constexpr std::size_t largest_buffered = 8000;

    /// libfcgi would send a longer answer in pieces of 8 KB and its end as one more, each of which wakes
    /// nginx. Here the last piece and the end leave together, and libfcgi is told that it has said its part.
    bool send_records(const std::string& data) {
        constexpr std::size_t longest = 65528; // a record's length has 16 bits
        FCGX_FFlush(raw_.out);
        const auto end_of_output = record_head(FCGI_STDOUT, 0);
        const auto end_of_request = record_head(FCGI_END_REQUEST, sizeof(FCGI_EndRequestBody));
        std::array<unsigned char, 2 * FCGI_HEADER_LEN + sizeof(FCGI_EndRequestBody)>
            end{}; // status 0, complete
        std::copy(end_of_output.begin(), end_of_output.end(), end.begin());
        std::copy(end_of_request.begin(), end_of_request.end(), end.begin() + FCGI_HEADER_LEN);
        for (std::size_t at = 0; at < data.size();) {
            const std::size_t size = std::min(data.size() - at, longest);
            const auto head = record_head(FCGI_STDOUT, size);
            const bool last = at + size == data.size();
            if (!send_all(raw_.ipcFd, {iovec_of(head.data(), head.size()), iovec_of(data.data() + at, size),
                                       iovec_of(end.data(), last ? end.size() : 0)})) {
                ::shutdown(raw_.ipcFd, SHUT_RDWR); // in the middle of a record nothing else may follow
                return false;
            }
            at += size;
        }
        raw_.out->wasFCloseCalled = 1;
        return true;
    }
    std::array<unsigned char, FCGI_HEADER_LEN> record_head(int type, std::size_t size) const {
        const auto id = static_cast<unsigned>(raw_.requestId);
        return {FCGI_VERSION_1,
                static_cast<unsigned char>(type),
                static_cast<unsigned char>(id >> 8U),
                static_cast<unsigned char>(id & 255U),
                static_cast<unsigned char>(size >> 8U),
                static_cast<unsigned char>(size & 255U),
                0,
                0};
    }

    // When a request cannot be read libfcgi would accept the next connection itself: here that fails at once.
    static constexpr int no_listener = -1;
    FCGX_Request raw_{};
};

[[noreturn]] void fail(const char* what) {
    throw std::runtime_error(std::string(what) + ": " +
                             std::strerror(errno)); // NOLINT(concurrency-mt-unsafe)
}

void control(int epoll, int operation, int descriptor, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = descriptor;
    if (::epoll_ctl(epoll, operation, descriptor, &event) != 0)
        fail("epoll_ctl");
}

} // namespace

FcgiLoop::FcgiLoop(const Router& router, Metrics& metrics, const ServerSettings& settings, Listener& listener)
    : router_(router), metrics_(metrics), settings_(settings), listener_(listener),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      streams_(metrics) {
    if (epoll_ < 0 || wake_ < 0 || FCGX_Init() != 0)
        fail("cannot set up the FastCGI loop");
    control(epoll_, EPOLL_CTL_ADD, wake_, EPOLLIN);
    control(epoll_, EPOLL_CTL_ADD, listener_.descriptor(), EPOLLIN | EPOLLONESHOT);
}

FcgiLoop::~FcgiLoop() {
    ::close(wake_);
    ::close(epoll_);
}

void FcgiLoop::start() {
    running_ = settings_.threads;
    for (int i = 0; i < settings_.threads; ++i)
        threads_.emplace_back([this] {
            work();
            const std::lock_guard lock(mutex_);
            --running_;
            ended_.notify_all();
        });
}

bool FcgiLoop::stop(std::chrono::seconds limit) {
    stopping_ = true;
    listener_.withdraw();
    streams_.begin_stop();
    if (listener_.shared()) // others accept from it, or the next process will
        control(epoll_, EPOLL_CTL_MOD, listener_.descriptor(), 0);
    const std::uint64_t one = 1;
    if (::write(wake_, &one, sizeof one) != sizeof one)
        fail("eventfd");
    {
        std::unique_lock lock(mutex_);
        if (!ended_.wait_for(lock, limit, [this] { return running_ == 0; }))
            return false;
    }
    for (auto& thread : threads_)
        thread.join();
    threads_.clear();
    close_parked();
    streams_.finish(stream_limit);
    return true;
}

void FcgiLoop::close_parked() {
    for (int descriptor = 0; descriptor <= highest_; ++descriptor) {
        if (descriptor == wake_ || descriptor == listener_.descriptor() ||
            ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr) != 0)
            continue;
        if (peek(descriptor) == Peek::data)
            serve(descriptor, false);
        else
            ::close(descriptor);
    }
}

void FcgiLoop::work() {
    constexpr int quiet_rounds =
        2; // looks at the queue this often, 20 ms apart, before a stopping worker leaves
    constexpr int round_ms = 20;
    int quiet = 0;
    while (true) {
        // Stopping, `wake_` is always ready: a second place shows whether there is anything else.
        const bool stopping = stopping_;
        std::array<epoll_event, 2> events{};
        const int count = ::epoll_wait(epoll_, events.data(), stopping ? 2 : 1, stopping ? 0 : -1);
        bool served = false;
        for (int i = 0; i < count; ++i) {
            const auto& event = events[static_cast<std::size_t>(i)];
            if (event.data.fd == wake_)
                continue;
            served = true;
            if (event.data.fd == listener_.descriptor())
                accept_one();
            else if ((event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0 &&
                     peek(event.data.fd) != Peek::data)
                ::close(event.data.fd);
            else
                serve(event.data.fd, true);
        }
        if (!stopping || served) {
            quiet = 0;
            continue;
        }
        if (++quiet > quiet_rounds)
            return;
        ::poll(nullptr, 0, round_ms);
    }
}

void FcgiLoop::accept_one() {
    const int descriptor = ::accept4(listener_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            // The connection stays in the backlog; trying again at once would only burn the CPU.
            log::error("accept_failed", {{"error", std::strerror(errno)}}); // NOLINT(concurrency-mt-unsafe)
            ::poll(nullptr, 0, 100);
        }
        rearm_listener();
        return;
    }
    rearm_listener();
    for (int before = highest_; before < descriptor && !highest_.compare_exchange_weak(before, descriptor);) {
    }
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &stall_limit, sizeof stall_limit);
    ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &stall_limit, sizeof stall_limit);
    switch (peek(descriptor)) {
    case Peek::data:
        serve(descriptor, false);
        break;
    case Peek::nothing:
        park(descriptor, false);
        break;
    case Peek::end:
        ::close(descriptor);
        break;
    }
}

void FcgiLoop::rearm_listener() {
    if (stopping_ && listener_.shared())
        return;
    control(epoll_, EPOLL_CTL_MOD, listener_.descriptor(), EPOLLIN | EPOLLONESHOT);
}

void FcgiLoop::serve(int descriptor, bool parked) {
    thread_local FcgiRequest request;
    if (!request.read(descriptor))
        return;
    bool keep = true;
    std::optional<StreamStart> stream;
    try {
        Wire wire = request.wire(settings_);
        wire.stream = [&stream](StreamStart start) { stream = std::move(start); };
        exchange(router_, metrics_, read_variables(request.variables(), settings_, PathSource::request_uri),
                 wire);
        if (stream) {
            const int id = request.leave();
            if (parked)
                ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
            streams_.adopt(descriptor, id, std::move(*stream));
            return;
        }
    } catch (
        const std::exception&) { // out of memory or of randomness: this request is lost, the process is not
        log::error("exchange_failed");
        keep = false;
    }
    // Stopping, the end of the connection follows its last answer at once: nginx then never reuses it.
    if (request.finish(keep && !stopping_))
        park(descriptor, parked);
}

void FcgiLoop::park(int descriptor, bool parked) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT;
    event.data.fd = descriptor;
    if (::epoll_ctl(epoll_, parked ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event) != 0) {
        log::error("park_failed", {{"error", std::strerror(errno)}}); // NOLINT(concurrency-mt-unsafe)
        ::close(descriptor);
    }
}

} // namespace scai::web
