// SPDX-License-Identifier: Apache-2.0
#include "lib/web/listener.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace scai::web {

namespace {

[[noreturn]] void listen_failed(const std::string& what) {
    throw std::runtime_error(what + ": " +
                             std::strerror(errno)); // NOLINT(concurrency-mt-unsafe): at start-up
}

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw std::runtime_error("the socket path is longer than " +
                                 std::to_string(sizeof address.sun_path - 1) + " bytes: " + path);
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

/// Clears the way: nothing there, or a socket nobody answers on.
void remove_stale(const std::string& path, const sockaddr_un& address) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0)
        return;
    if (!S_ISSOCK(status.st_mode))
        throw std::runtime_error("the socket path is in use by something that is no socket: " + path);
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0)
        listen_failed("socket");
    const bool refused = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
                         errno == ECONNREFUSED;
    ::close(probe);
    // Anything but a clear refusal (a full backlog, missing rights) may be a living process.
    if (!refused)
        throw std::runtime_error("another process listens on " + path);
    ::unlink(path.c_str());
}

} // namespace

Listener::Listener(const std::string& path, int backlog) : path_(path) {
    const auto address = address_of(path);
    remove_stale(path, address);
    descriptor_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor_ < 0)
        listen_failed("socket");
    // The mode is set before bind, so there is no moment with another one. NB: umask is per process.
    const mode_t before = ::umask(0117);
    const int bound = ::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::umask(before);
    struct stat status {};
    if (bound != 0 || ::lstat(path.c_str(), &status) != 0 || ::listen(descriptor_, backlog) != 0) {
        const int error = errno;
        ::close(descriptor_);
        errno = error;
        listen_failed("cannot listen on " + path);
    }
    device_ = status.st_dev;
    inode_ = status.st_ino;
}

Listener::Listener(int inherited) : descriptor_(inherited) {
    const int flags = ::fcntl(inherited, F_GETFL);
    if (flags < 0 || ::fcntl(inherited, F_SETFL, flags | O_NONBLOCK) != 0)
        listen_failed("cannot use the inherited socket");
}

Listener::~Listener() {
    withdraw();
    if (!shared() && descriptor_ >= 0)
        ::close(descriptor_);
}

void Listener::withdraw() noexcept {
    struct stat status {};
    if (inode_ != 0 && ::lstat(path_.c_str(), &status) == 0 && status.st_ino == inode_ &&
        status.st_dev == device_)
        ::unlink(path_.c_str());
    inode_ = 0;
}

bool is_listening(int descriptor) {
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value == 1;
}

} // namespace scai::web
