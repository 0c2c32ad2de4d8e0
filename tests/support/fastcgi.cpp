// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fastcgi.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace test {

namespace {

enum RecordType : unsigned char {
    begin_request = 1,
    end_request = 3,
    params = 4,
    standard_in = 5,
    standard_out = 6
};
constexpr std::size_t header_size = 8;
constexpr std::size_t max_content = 65535;

char byte(std::size_t value) {
    return static_cast<char>(value & 0xFFU);
}

std::string record(RecordType type, const std::string& content) {
    std::string out{1, static_cast<char>(type), 0, 1, byte(content.size() >> 8U), byte(content.size()), 0, 0};
    return out + content;
}

std::string stream(RecordType type, const std::string& content) {
    std::string out;
    for (std::size_t at = 0; at < content.size(); at += max_content)
        out += record(type, content.substr(at, max_content));
    return out + record(type, "");
}

std::string length(std::size_t size) {
    if (size < 128)
        return {byte(size)};
    return {byte((size >> 24U) | 0x80U), byte(size >> 16U), byte(size >> 8U), byte(size)};
}

} // namespace

FcgiConnection::FcgiConnection(const std::string& socket_path)
    : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket_path.data(),
                std::min(socket_path.size(), sizeof address.sun_path - 1));
    if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(descriptor_);
        throw std::runtime_error("cannot connect to " + socket_path);
    }
}

FcgiConnection::~FcgiConnection() {
    ::close(descriptor_);
}

void FcgiConnection::raw(const std::string& bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        const auto sent = ::send(descriptor_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
        if (sent <= 0)
            return; // the peer hung up: receive() will say so
        at += static_cast<std::size_t>(sent);
    }
}

void FcgiConnection::send(const Variables& variables, const std::string& body, bool keep) {
    std::string pairs;
    for (const auto& [name, value] : variables)
        pairs += length(name.size()) + length(value.size()) + name + value;
    raw(record(begin_request, std::string{0, 1, static_cast<char>(keep ? 1 : 0), 0, 0, 0, 0, 0}) +
        stream(params, pairs) + stream(standard_in, body));
}

FcgiReply FcgiConnection::receive() {
    std::string input;
    std::string output;
    FcgiReply reply;
    std::array<char, 65536> buffer{};
    while (!reply.complete) {
        const auto size_of = [&](std::size_t at) { return static_cast<unsigned char>(input[at]); };
        if (input.size() >= header_size) {
            const std::size_t content = size_of(4) * 256U + size_of(5);
            const std::size_t whole = header_size + content + size_of(6);
            if (input.size() >= whole) {
                if (input[1] == standard_out)
                    output += input.substr(header_size, content);
                reply.complete = input[1] == end_request;
                input.erase(0, whole);
                continue;
            }
        }
        const auto got = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
        if (got <= 0)
            break;
        input.append(buffer.data(), static_cast<std::size_t>(got));
    }
    const auto end = output.find("\r\n\r\n");
    if (end == std::string::npos)
        return reply;
    reply.body = output.substr(end + 4);
    for (std::size_t at = 0; at < end;) {
        const auto line_end = std::min(output.find("\r\n", at), end);
        const auto line = output.substr(at, line_end - at);
        const auto colon = line.find(':');
        auto name = line.substr(0, colon);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return std::tolower(c); });
        reply.headers[name] = line.substr(std::min(line.size(), colon + 2));
        at = line_end + 2;
    }
    reply.status = std::atoi(reply.headers["status"].c_str()); // NOLINT(cert-err34-c)
    return reply;
}

FcgiReply FcgiConnection::get(const std::string& uri, bool keep) {
    send({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", uri}, {"REMOTE_ADDR", "127.0.0.1"}}, "", keep);
    return receive();
}

FcgiReply FcgiConnection::post(const std::string& uri, const std::string& body, const std::string& type) {
    send({{"REQUEST_METHOD", "POST"},
          {"REQUEST_URI", uri},
          {"CONTENT_TYPE", type},
          {"CONTENT_LENGTH", std::to_string(body.size())}},
         body, true);
    return receive();
}

bool FcgiConnection::closed_by_peer(int wait_ms) {
    pollfd wanted{.fd = descriptor_, .events = POLLIN, .revents = 0};
    char one = 0;
    return ::poll(&wanted, 1, wait_ms) > 0 && ::recv(descriptor_, &one, 1, MSG_PEEK) <= 0;
}

std::string FcgiConnection::read_until(const std::string& text, int wait_ms) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait_ms);
    std::string output;
    std::array<char, 65536> buffer{};
    while (true) {
        const auto size_of = [&](std::size_t at) { return static_cast<unsigned char>(unread_[at]); };
        while (unread_.size() >= header_size) {
            const std::size_t content = size_of(4) * 256U + size_of(5);
            const std::size_t whole = header_size + content + size_of(6);
            if (unread_.size() < whole)
                break;
            if (unread_[1] == standard_out)
                output += unread_.substr(header_size, content);
            ended_ = ended_ || unread_[1] == end_request;
            unread_.erase(0, whole);
        }
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (ended_ || left.count() <= 0 || (!text.empty() && output.find(text) != std::string::npos))
            return output;
        pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, static_cast<int>(left.count())) <= 0)
            continue;
        const auto got = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
        if (got <= 0)
            return output;
        unread_.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

} // namespace test
