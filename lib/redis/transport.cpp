// SPDX-License-Identifier: Apache-2.0
#include "lib/redis/transport.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace scai::redis {

namespace {

struct AddressesDeleter {
    void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, AddressesDeleter>;

int open_socket(int family) {
    return ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

bool in_progress(int result) {
    return result == 0 || errno == EINPROGRESS || errno == EAGAIN;
}

int begin_unix(const std::string& path) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    if (path.size() >= sizeof to.sun_path)
        return -1;
    std::memcpy(to.sun_path, path.c_str(), path.size() + 1);
    const int socket = open_socket(AF_UNIX);
    if (socket >= 0 && !in_progress(::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to))) {
        ::close(socket);
        return -1;
    }
    return socket;
}

int begin_tcp(const addrinfo& to) {
    const int socket = open_socket(to.ai_family);
    if (socket < 0)
        return -1;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    if (!in_progress(::connect(socket, to.ai_addr, to.ai_addrlen))) {
        ::close(socket);
        return -1;
    }
    return socket;
}

} // namespace

Error unavailable(std::string code, std::string message) {
    return {.kind = ErrorKind::unavailable, .code = std::move(code), .message = std::move(message)};
}

TlsContext make_tls_context() {
    TlsContext context(SSL_CTX_new(TLS_client_method()));
    if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_default_verify_paths(context.get()) != 1)
        throw std::runtime_error("TLS could not be prepared");
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    return context;
}

Result<std::unique_ptr<Transport>> Transport::connect(const Address& address, SSL_CTX* tls,
                                                      Deadline deadline) {
    Addresses found;
    if (address.path.empty()) {
        addrinfo wanted{};
        wanted.ai_socktype = SOCK_STREAM;
        addrinfo* list = nullptr;
        if (::getaddrinfo(address.host.c_str(), address.port.c_str(), &wanted, &list) != 0)
            return unavailable("connect", "the name of the Redis host cannot be resolved");
        found.reset(list);
    }
    Error last = unavailable("connect", "Redis cannot be reached");
    // A unix socket is one attempt, a name as many as it has addresses.
    for (const addrinfo* to = found.get(); to != nullptr || !address.path.empty(); to = to->ai_next) {
        const int socket = to != nullptr ? begin_tcp(*to) : begin_unix(address.path);
        if (socket >= 0) {
            std::unique_ptr<Transport> out(new Transport(socket));
            auto ready = out->wait(POLLOUT, deadline);
            int problem = 0;
            socklen_t size = sizeof problem;
            ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &problem, &size);
            if (ready && problem == 0 && tls != nullptr)
                ready = out->start_tls(*tls, address.host, deadline);
            if (ready && problem == 0)
                return out;
            if (!ready)
                last = ready.error();
        }
        if (to == nullptr)
            break;
    }
    return last;
}

Transport::~Transport() {
    ::close(socket_);
}

Status Transport::wait(short events, Deadline deadline) const {
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
        pollfd watched{socket_, events, 0};
        const int ready = left > 0 ? ::poll(&watched, 1, static_cast<int>(left)) : 0;
        if (ready > 0)
            return Done{};
        if (ready == 0)
            return unavailable("timeout", "Redis did not answer in time");
        if (errno != EINTR)
            return unavailable("closed", "the connection to Redis failed");
    }
}

Status Transport::after(int result, Deadline deadline) const {
    switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ:
        return wait(POLLIN, deadline);
    case SSL_ERROR_WANT_WRITE:
        return wait(POLLOUT, deadline);
    case SSL_ERROR_ZERO_RETURN:
    case SSL_ERROR_SYSCALL:
        return unavailable("closed", "Redis closed the connection");
    default:
        return unavailable("tls", "the TLS connection to Redis failed");
    }
}

Status Transport::start_tls(SSL_CTX& context, const std::string& host, Deadline deadline) {
    tls_.reset(SSL_new(&context));
    if (!tls_ || SSL_set_fd(tls_.get(), socket_) != 1 || SSL_set1_host(tls_.get(), host.c_str()) != 1 ||
        SSL_ctrl(tls_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(host.c_str())) != 1)
        return unavailable("tls", "TLS could not be prepared");
    for (;;) {
        ERR_clear_error();
        const int result = SSL_connect(tls_.get());
        if (result == 1)
            return Done{};
        SCAI_TRY([[maybe_unused]] const auto again, after(result, deadline));
    }
}

Status Transport::write(std::string_view bytes, Deadline deadline) {
    while (!bytes.empty()) {
        if (tls_) {
            std::size_t written = 0;
            ERR_clear_error();
            const int result = SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &written);
            if (result == 1) {
                bytes.remove_prefix(written);
                continue;
            }
            SCAI_TRY([[maybe_unused]] const auto again, after(result, deadline));
            continue;
        }
        const auto written = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (written >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EAGAIN && errno != EINTR)
            return unavailable("closed", "Redis closed the connection");
        else {
            SCAI_TRY([[maybe_unused]] const auto again, wait(POLLOUT, deadline));
        }
    }
    return Done{};
}

Result<std::size_t> Transport::read(std::span<char> into, Deadline deadline) {
    for (;;) {
        if (tls_) {
            std::size_t got = 0;
            ERR_clear_error();
            const int result = SSL_read_ex(tls_.get(), into.data(), into.size(), &got);
            if (result == 1)
                return got;
            SCAI_TRY([[maybe_unused]] const auto again, after(result, deadline));
            continue;
        }
        // Redis answers in a few dozen microseconds: asking poll first saves the call that finds nothing.
        SCAI_TRY([[maybe_unused]] const auto readable, wait(POLLIN, deadline));
        const auto got = ::recv(socket_, into.data(), into.size(), 0);
        if (got > 0)
            return static_cast<std::size_t>(got);
        if (got == 0 || (errno != EAGAIN && errno != EINTR))
            return unavailable("closed", "Redis closed the connection");
    }
}

bool Transport::stale() const {
    pollfd watched{socket_, POLLIN, 0};
    return ::poll(&watched, 1, 0) != 0;
}

} // namespace scai::redis
