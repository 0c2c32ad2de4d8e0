// SPDX-License-Identifier: Apache-2.0
#include "tests/support/http_server.hpp"

#include "lib/base/strings.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

namespace scai::test {

std::string HttpRequest::header(std::string_view name) const {
    for (const auto& [key, value] : headers)
        if (iequals(key, name))
            return value;
    return {};
}

std::string HttpRequest::query(std::string_view name) const {
    const auto mark = target.find('?');
    if (mark == std::string::npos)
        return {};
    for (const std::string& pair : split_list(std::string_view(target).substr(mark + 1), '&')) {
        const auto equals = pair.find('=');
        if (pair.substr(0, equals) == name && equals != std::string::npos)
            return percent_decode(pair.substr(equals + 1), true).value_or("");
    }
    return {};
}

namespace {

class Socket {
public:
    explicit Socket(int fd) : fd_(fd) {}
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() { ::close(fd_); }
    int fd() const { return fd_; }

    bool send_all(std::string_view data) const {
        while (!data.empty()) {
            const ssize_t sent = ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
            data.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    void reset_on_close() const {
        const linger now{1, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }

private:
    int fd_;
};

/// Reads requests off one connection; keeps what came too early for the next one.
class Reader {
public:
    explicit Reader(const Socket& socket) : socket_(socket) {}

    std::optional<HttpRequest> next() {
        std::size_t end = 0;
        while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
            if (!more() || buffer_.front() < 'A' || buffer_.front() > 'Z') // TLS, for one, is no method
                return std::nullopt;
        HttpRequest request = parse_head(std::string_view(buffer_).substr(0, end));
        buffer_.erase(0, end + 4);
        const auto length = static_cast<std::size_t>(parse_int(request.header("Content-Length")).value_or(0));
        while (buffer_.size() < length)
            if (!more())
                return std::nullopt;
        request.body = buffer_.substr(0, length);
        buffer_.erase(0, length);
        return request;
    }

private:
    static HttpRequest parse_head(std::string_view head) {
        HttpRequest request;
        const auto lines = split_list(head, '\n');
        const auto words = split_list(lines.at(0), ' ');
        request.method = words.at(0);
        request.target = words.at(1);
        request.path = request.target.substr(0, request.target.find('?'));
        for (std::size_t i = 1; i < lines.size(); ++i) {
            const auto colon = lines[i].find(':');
            request.headers.emplace_back(lines[i].substr(0, colon), trim(lines[i].substr(colon + 1)));
        }
        return request;
    }

    bool more() {
        char block[16384];
        const ssize_t got = ::recv(socket_.fd(), block, sizeof block, 0);
        if (got <= 0)
            return false;
        buffer_.append(block, static_cast<std::size_t>(got));
        return true;
    }

    const Socket& socket_;
    std::string buffer_;
};

std::string head_of(const HttpReply& reply) {
    std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " Status\r\n";
    for (const auto& [name, value] : reply.headers)
        head += name + ": " + value + "\r\n";
    if (!reply.body.empty())
        head += "Content-Type: " + reply.content_type + "\r\n";
    if (reply.status != 204)
        head += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
    if (reply.close)
        head += "Connection: close\r\n";
    return head + "\r\n";
}

} // namespace

struct HttpServer::Impl {
    int listener = -1;
    int port = 0;
    std::thread acceptor;
    std::mutex handler_mutex;
    Handler handler;

    mutable std::mutex mutex; // everything below
    std::condition_variable stopping;
    bool stop = false;
    std::list<std::thread> workers;
    std::vector<int> open;
    std::vector<HttpRequest> requests;
    std::size_t accepted = 0, busy = 0, most = 0;

    void pause(std::chrono::milliseconds time) {
        if (time.count() == 0)
            return;
        std::unique_lock lock(mutex);
        stopping.wait_for(lock, time, [&] { return stop; });
    }

    void accept_loop() {
        for (;;) {
            const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0)
                return;
            const int on = 1;
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            const std::lock_guard lock(mutex);
            if (stop) {
                ::close(fd);
                return;
            }
            ++accepted;
            open.push_back(fd);
            workers.emplace_back([this, fd] { serve(fd); });
        }
    }

    void serve(int fd) {
        const Socket socket(fd);
        Reader reader(socket);
        while (auto request = reader.next()) {
            {
                const std::lock_guard lock(mutex);
                requests.push_back(*request);
                most = std::max(most, ++busy);
            }
            HttpReply reply;
            {
                const std::lock_guard lock(handler_mutex);
                reply = handler(*request);
            }
            pause(reply.delay);
            const bool go_on = answer(socket, *request, reply);
            const std::lock_guard lock(mutex);
            --busy;
            if (!go_on)
                break;
        }
        const std::lock_guard lock(mutex); // before the descriptor is closed and its number used again
        open.erase(std::find(open.begin(), open.end(), fd));
    }

    bool answer(const Socket& socket, const HttpRequest& request, const HttpReply& reply) {
        switch (reply.fault) {
        case Fault::reset:
            socket.reset_on_close();
            return false;
        case Fault::hang_up:
            return false;
        case Fault::garbage:
            socket.send_all("\x01\x02 this is not HTTP \r\n\r\n");
            return false;
        case Fault::truncate:
            socket.send_all(head_of(reply) + reply.body.substr(0, reply.body.size() / 2));
            return false;
        case Fault::none:
            break;
        }
        if (request.method == "HEAD")
            return socket.send_all(head_of(reply)) && !reply.close;
        if (reply.drip.count() == 0)
            return socket.send_all(head_of(reply) + reply.body) && !reply.close;
        if (!socket.send_all(head_of(reply)))
            return false;
        for (const char byte : reply.body) {
            pause(reply.drip);
            if (!socket.send_all({&byte, 1}))
                return false;
        }
        return !reply.close;
    }
};

HttpServer::HttpServer(Handler handler) : impl_(std::make_unique<Impl>()) {
    impl_->handler = std::move(handler);
    impl_->listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    if (impl_->listener < 0 || ::bind(impl_->listener, raw, length) != 0 ||
        ::listen(impl_->listener, 1024) != 0 || ::getsockname(impl_->listener, raw, &length) != 0)
        throw std::runtime_error("test server: no loopback port");
    impl_->port = ntohs(address.sin_port);
    impl_->acceptor = std::thread([this] { impl_->accept_loop(); });
}

HttpServer::~HttpServer() {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stop = true;
        for (const int fd : impl_->open)
            ::shutdown(fd, SHUT_RDWR);
    }
    impl_->stopping.notify_all();
    ::shutdown(impl_->listener, SHUT_RDWR);
    impl_->acceptor.join();
    for (std::thread& worker : impl_->workers)
        worker.join();
    ::close(impl_->listener);
}

std::string HttpServer::url(std::string_view target) const {
    return "http://127.0.0.1:" + std::to_string(impl_->port) + std::string(target);
}

int HttpServer::port() const {
    return impl_->port;
}

void HttpServer::handler(Handler handler) {
    const std::lock_guard lock(impl_->handler_mutex);
    impl_->handler = std::move(handler);
}

std::vector<HttpRequest> HttpServer::requests() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->requests;
}

std::size_t HttpServer::count(std::string_view path_start) const {
    const std::lock_guard lock(impl_->mutex);
    return static_cast<std::size_t>(
        std::count_if(impl_->requests.begin(), impl_->requests.end(),
                      [&](const HttpRequest& request) { return request.path.starts_with(path_start); }));
}

std::size_t HttpServer::connections() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->accepted;
}

std::size_t HttpServer::most_at_once() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->most;
}

void HttpServer::forget() {
    const std::lock_guard lock(impl_->mutex);
    impl_->requests.clear();
    impl_->accepted = impl_->most = 0;
}

} // namespace scai::test
