// delay_proxy LISTEN_PORT TARGET_PORT MILLISECONDS: a TCP proxy on 127.0.0.1 that holds every request back by
// that time, so an upstream looks as if it were that far away. A thread a connection; ends with SIGTERM.
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace {

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int dial(int port) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(port);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0) { // NOLINT: sockets API
        close(fd);
        return -1;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

bool forward(int from, int to) {
    std::array<char, 65536> buffer{};
    const ssize_t got = read(from, buffer.data(), buffer.size());
    if (got <= 0)
        return false;
    for (ssize_t sent = 0; sent < got;) {
        const ssize_t wrote = write(to, buffer.data() + sent, static_cast<std::size_t>(got - sent));
        if (wrote <= 0)
            return false;
        sent += wrote;
    }
    return true;
}

void serve(int client, int target_port, std::chrono::milliseconds delay) {
    const int upstream = dial(target_port);
    if (upstream >= 0) {
        std::array<pollfd, 2> fds{pollfd{client, POLLIN, 0}, pollfd{upstream, POLLIN, 0}};
        for (bool open = true; open && poll(fds.data(), fds.size(), -1) > 0;) {
            if (fds[0].revents != 0) {
                std::this_thread::sleep_for(delay);
                open = forward(client, upstream);
            }
            if (open && fds[1].revents != 0)
                open = forward(upstream, client);
        }
        close(upstream);
    }
    close(client);
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 4)
        return 64;
    const int target = std::atoi(argv[2]);
    const std::chrono::milliseconds delay(std::atoi(argv[3]));
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    const int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const sockaddr_in address = loopback(std::atoi(argv[1]));
    if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
            0 || // NOLINT: sockets API
        listen(listener, 256) != 0)
        return 71;
    for (;;) {
        const int client = accept(listener, nullptr, nullptr);
        if (client < 0)
            return 0;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        std::thread(serve, client, target, delay).detach();
    }
}
