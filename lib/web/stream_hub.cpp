// SPDX-License-Identifier: Apache-2.0
#include "lib/web/stream_hub.hpp"

#include "lib/log/log.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <fastcgi.h>
#include <fcntl.h>
#include <mutex>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <unordered_map>
#include <vector>

namespace scai::web {

namespace {

using Instant = std::chrono::steady_clock::time_point;

constexpr std::size_t most_queued = 4U << 20U; // of texts that others share
constexpr std::size_t longest_record = 65528;  // a record's length has 16 bits
constexpr std::chrono::seconds longest_stall{30};
constexpr int tick_ms = 250;

Instant now() {
    return std::chrono::steady_clock::now();
}

void append_head(std::string& out, int type, int request_id, std::size_t size) {
    const auto id = static_cast<unsigned>(request_id);
    const std::array<unsigned, FCGI_HEADER_LEN> head{FCGI_VERSION_1,
                                                     static_cast<unsigned>(type),
                                                     id >> 8U & 255U,
                                                     id & 255U,
                                                     static_cast<unsigned>(size) >> 8U & 255U,
                                                     static_cast<unsigned>(size) & 255U,
                                                     0,
                                                     0};
    for (const unsigned byte : head)
        out += static_cast<char>(static_cast<unsigned char>(byte));
}

} // namespace

class StreamConnection;

/// What sinks and the hub's thread share; a sink may outlive the hub.
struct StreamMailbox {
    std::mutex mutex;
    std::vector<std::shared_ptr<StreamConnection>> changed; ///< new ones, and those with something to do
    int wake = -1;                                          ///< eventfd; -1 once the hub is gone
    bool stopping = false;

    /// The mutex is held.
    void add(std::shared_ptr<StreamConnection> connection) {
        changed.push_back(std::move(connection));
        const std::uint64_t one = 1;
        if (changed.size() == 1 && wake >= 0 && ::write(wake, &one, sizeof one) < 0)
            log::error("stream_wake_failed");
    }
};

/// Members of the first part belong to the mailbox's mutex, the rest to the hub's thread.
class StreamConnection final : public StreamSink, public std::enable_shared_from_this<StreamConnection> {
public:
    StreamConnection(std::shared_ptr<StreamMailbox> mailbox, int descriptor, int request_id,
                     StreamStart start)
        : mailbox_(std::move(mailbox)), descriptor_(descriptor), request_id_(request_id),
          stream_(std::move(start.stream)), line_(std::move(start.line)) {
        queue_.push_back(std::make_shared<const std::string>(std::move(start.head)));
        queued_ = queue_.front()->size();
    }
    ~StreamConnection() override {
        if (descriptor_ >= 0)
            ::close(descriptor_);
    }
    StreamConnection(const StreamConnection&) = delete;
    StreamConnection& operator=(const StreamConnection&) = delete;

    bool send(std::shared_ptr<const std::string> text) override {
        const std::lock_guard lock(mailbox_->mutex);
        if (ending_ || closed_)
            return false;
        if (text->empty()) // a record without content would be the end
            return true;
        queued_ += text->size();
        queue_.push_back(std::move(text));
        if (queued_ > most_queued)
            stop_locked("slow_client", false);
        else
            announce();
        return !ending_;
    }
    void end(std::string_view last, std::string_view reason) override {
        const std::lock_guard lock(mailbox_->mutex);
        if (ending_ || closed_)
            return;
        if (!last.empty()) {
            queue_.push_back(std::make_shared<const std::string>(last));
            queued_ += last.size();
        }
        stop_locked(reason, true);
    }
    bool open() const override {
        const std::lock_guard lock(mailbox_->mutex);
        return !ending_ && !closed_;
    }

    /// Until here the hub does not know it: start() has run before anything can end.
    void go() {
        const std::lock_guard lock(mailbox_->mutex);
        mailbox_->add(shared_from_this());
    }
    bool dropped() const {
        const std::lock_guard lock(mailbox_->mutex);
        return ending_ && !politely_;
    }

    // --- the hub's thread ---
    int descriptor() const { return descriptor_; }
    const Stream& stream() const { return *stream_; }
    bool blocked() const { return !rest_.empty(); }
    Instant moved() const { return moved_; }
    bool watched = false; ///< epoll knows it, for reading
    bool watched_out = false;
    bool done = false; ///< the last byte is out

    /// Sends what it can; false when the connection is to be closed.
    bool flush(std::string& staging) {
        while (true) {
            if (!rest_.empty()) {
                if (!write_out(rest_))
                    return false;
                if (!rest_.empty())
                    return true;
                rest_.shrink_to_fit();
            }
            if (done || !take(staging))
                return !done;
            if (!write_out(staging))
                return false;
            rest_ = staging;
        }
    }
    void close(std::string_view reason) {
        std::vector<std::shared_ptr<const std::string>> unsent;
        {
            const std::lock_guard lock(mailbox_->mutex);
            closed_ = true;
            unsent.swap(queue_);
            if (reason_.empty())
                reason_ = reason;
        }
        ::close(descriptor_);
        descriptor_ = -1;
        log();
        if (stream_->ended)
            stream_->ended();
        stream_->ended = nullptr; // it may hold the sink, which is this
    }

private:
    void announce() {
        if (!announced_) {
            announced_ = true;
            mailbox_->add(shared_from_this());
        }
    }
    void stop_locked(std::string_view reason, bool politely) {
        ending_ = true;
        reason_ = reason;
        politely_ = politely;
        if (politely)
            announce();
        else
            mailbox_->add(shared_from_this()); // it waits for the peer, and that is over
    }
    /// The next record, or the end of the answer. False when there is nothing to send.
    bool take(std::string& staging) {
        const std::lock_guard lock(mailbox_->mutex);
        announced_ = false;
        staging.clear();
        if (ending_ && !politely_)
            return done = true, false;
        if (queue_.empty() && !ending_)
            return false;
        std::size_t size = 0;
        staging.append(FCGI_HEADER_LEN, '\0');
        std::size_t used = 0;
        while (used < queue_.size() && size < longest_record) {
            const std::string& text = *queue_[used];
            const std::size_t part = std::min(text.size() - offset_, longest_record - size);
            staging.append(text, offset_, part);
            size += part;
            offset_ += part;
            if (offset_ == text.size()) {
                offset_ = 0;
                ++used;
            }
        }
        queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(used));
        queued_ -= size;
        bytes_ += size;
        std::string head;
        append_head(head, FCGI_STDOUT, request_id_, size);
        staging.replace(0, FCGI_HEADER_LEN, head);
        if (ending_ && queue_.empty()) {
            if (size == 0)
                staging.clear();
            append_head(staging, FCGI_STDOUT, request_id_, 0);
            append_head(staging, FCGI_END_REQUEST, request_id_, sizeof(FCGI_EndRequestBody));
            staging.append(sizeof(FCGI_EndRequestBody), '\0'); // status 0, complete
            done = true;
        }
        return true;
    }
    /// Takes off `text` what could be sent; false when the peer is gone.
    bool write_out(std::string& text) {
        std::size_t sent = 0;
        while (sent < text.size()) {
            const auto put =
                ::send(descriptor_, text.data() + sent, text.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (put < 0 && errno == EINTR)
                continue;
            if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
                break;
            if (put <= 0)
                return false;
            sent += static_cast<std::size_t>(put);
        }
        if (sent > 0)
            moved_ = now();
        text.erase(0, sent);
        return true;
    }
    void log() const {
        const std::chrono::duration<double> took = now() - line_.start;
        log::info("request", {{"request_id", line_.request_id},
                              {"method", line_.method},
                              {"route", line_.route},
                              {"status", line_.status},
                              {"ms", took.count() * 1000.0},
                              {"bytes", bytes_},
                              {"tenant", line_.tenant},
                              {"subject", line_.subject},
                              {"ended", reason_}});
    }

    std::shared_ptr<StreamMailbox> mailbox_;
    std::vector<std::shared_ptr<const std::string>> queue_;
    std::size_t offset_ = 0; ///< of the first text, what is out already
    std::size_t queued_ = 0;
    bool ending_ = false, politely_ = true, closed_ = false;
    bool announced_ = true; ///< the hub will look at the queue
    std::string reason_;

    int descriptor_;
    int request_id_;
    std::shared_ptr<Stream> stream_;
    AccessLine line_;
    std::string rest_; ///< of a record that did not fit the socket
    std::uint64_t bytes_ = 0;
    Instant moved_ = now();
};

struct StreamHub::Impl {
    explicit Impl(Metrics& given) : metrics(given), epoll(::epoll_create1(EPOLL_CLOEXEC)) {
        mailbox->wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = mailbox->wake;
        if (epoll < 0 || mailbox->wake < 0 || ::epoll_ctl(epoll, EPOLL_CTL_ADD, mailbox->wake, &event) != 0)
            throw std::runtime_error("cannot set up the streams");
    }
    ~Impl() {
        {
            const std::lock_guard lock(mailbox->mutex);
            ::close(mailbox->wake);
            mailbox->wake = -1;
            mailbox->changed.clear();
        }
        ::close(epoll);
    }

    void run() {
        Instant next_tick = now();
        while (true) {
            std::array<epoll_event, 64> events{};
            const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), tick_ms);
            for (int i = 0; i < count; ++i)
                handle(events[static_cast<std::size_t>(i)]);
            take_changes();
            if (now() >= next_tick) {
                next_tick = now() + std::chrono::milliseconds(tick_ms);
                tick();
            }
            if (leave())
                return;
        }
    }

    void handle(const epoll_event& event) {
        if (event.data.fd == mailbox->wake) {
            std::uint64_t count = 0;
            [[maybe_unused]] const auto got = ::read(mailbox->wake, &count, sizeof count);
            return;
        }
        const auto found = open.find(event.data.fd);
        if (found == open.end())
            return;
        // A peer that speaks while its answer goes on takes it back (ABORT_REQUEST) or is gone.
        if ((event.events & ~static_cast<unsigned>(EPOLLOUT)) != 0)
            close(found->second, "client_gone");
        else
            flush(found->second);
    }

    void take_changes() {
        std::vector<std::shared_ptr<StreamConnection>> changed;
        {
            const std::lock_guard lock(mailbox->mutex);
            changed.swap(mailbox->changed);
        }
        for (const auto& connection : changed) {
            if (connection->descriptor() < 0)
                continue;
            if (!connection->watched && !watch(connection))
                continue;
            if (connection->dropped())
                close(connection, "slow_client");
            else
                flush(connection);
        }
    }

    bool watch(const std::shared_ptr<StreamConnection>& connection) {
        if (!control(EPOLL_CTL_ADD, *connection, EPOLLIN | EPOLLRDHUP)) {
            close(connection, "failed");
            return false;
        }
        connection->watched = true;
        open.emplace(connection->descriptor(), connection);
        return true;
    }

    bool control(int operation, const StreamConnection& connection, std::uint32_t wanted) const {
        epoll_event event{};
        event.events = wanted;
        event.data.fd = connection.descriptor();
        return ::epoll_ctl(epoll, operation, connection.descriptor(), &event) == 0;
    }

    void flush(const std::shared_ptr<StreamConnection>& connection) {
        if (!connection->flush(staging)) {
            close(connection, connection->done ? "done" : "client_gone");
            return;
        }
        if (connection->blocked() == connection->watched_out)
            return;
        connection->watched_out = connection->blocked();
        control(EPOLL_CTL_MOD, *connection, EPOLLIN | EPOLLRDHUP | (connection->watched_out ? EPOLLOUT : 0U));
    }

    /// NB: `connection` may be the table's own: a copy lives until the end.
    void close(std::shared_ptr<StreamConnection> connection, std::string_view reason) {
        open.erase(connection->descriptor());
        connection->close(reason);
    }

    void tick() {
        const Instant at = now();
        const bool stopping = is_stopping();
        std::vector<std::shared_ptr<StreamConnection>> stalled;
        for (const auto& [descriptor, connection] : open) {
            const Stream& stream = connection->stream();
            if (stopping)
                connection->end(stream.at_shutdown, "shutdown");
            else if (stream.deadline && at >= *stream.deadline)
                connection->end(stream.at_deadline, "deadline");
            else if (connection->blocked() && at - connection->moved() > longest_stall)
                stalled.push_back(connection);
            else if (!connection->blocked() && at - connection->moved() >= stream.heartbeat_every)
                connection->send(std::make_shared<const std::string>(stream.heartbeat));
        }
        for (const auto& connection : stalled)
            close(connection, "slow_client");
        if (open.size() != counted)
            metrics.set("http_streams_open", {}, static_cast<std::int64_t>(counted = open.size()));
    }

    bool is_stopping() const {
        const std::lock_guard lock(mailbox->mutex);
        return mailbox->stopping;
    }

    bool leave() {
        if (!finishing)
            return false;
        take_changes();
        if (!open.empty() && now() < finish_by.load())
            return false;
        while (!open.empty())
            close(open.begin()->second, "shutdown");
        return true;
    }

    Metrics& metrics;
    int epoll;
    std::shared_ptr<StreamMailbox> mailbox = std::make_shared<StreamMailbox>();
    std::unordered_map<int, std::shared_ptr<StreamConnection>> open;
    std::string staging;
    std::size_t counted = 0;
    std::atomic<bool> finishing{false};
    std::atomic<Instant> finish_by{Instant{}};
    std::mutex thread_mutex;
    std::thread thread;
};

StreamHub::StreamHub(Metrics& metrics) : impl_(std::make_unique<Impl>(metrics)) {}

StreamHub::~StreamHub() {
    finish(std::chrono::milliseconds(0));
}

void StreamHub::adopt(int descriptor, int request_id, StreamStart start) {
    {
        const std::lock_guard lock(impl_->thread_mutex);
        try {
            if (!impl_->thread.joinable())
                impl_->thread = std::thread([this] { impl_->run(); });
        } catch (const std::system_error&) { // no more threads: the client may come again
            ::close(descriptor);
            throw;
        }
    }
    const auto begin = std::move(start.stream->start);
    const auto connection =
        std::make_shared<StreamConnection>(impl_->mailbox, descriptor, request_id, std::move(start));
    if (begin)
        begin(connection);
    connection->go();
}

void StreamHub::begin_stop() {
    const std::lock_guard lock(impl_->mailbox->mutex);
    impl_->mailbox->stopping = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto put = ::write(impl_->mailbox->wake, &one, sizeof one);
}

void StreamHub::finish(std::chrono::milliseconds limit) {
    begin_stop();
    impl_->finish_by = now() + limit;
    impl_->finishing = true;
    const std::lock_guard lock(impl_->thread_mutex);
    if (impl_->thread.joinable())
        impl_->thread.join();
}

} // namespace scai::web
