// A small real HTTP/1.1 server on a free loopback port, for tests of everything that speaks HTTP. One thread
// a connection; the handler decides each answer and may ask for a fault on the wire.
//   HttpServer server([](const HttpRequest& r) { return HttpReply{.status = 200, .body = "{}"}; });
//   client.send({.url = server.url("/thing")});
//   BOOST_TEST(server.count("/thing") == 1);
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scai::test {

struct HttpRequest {
    std::string method;
    std::string target; ///< path and query as received
    std::string path;   ///< target up to "?"
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::string header(std::string_view name) const; ///< case-insensitive, "" if absent
    std::string query(std::string_view name) const;  ///< decoded value, "" if absent
};

/// What goes wrong on the wire.
enum class Fault {
    none,
    reset,    ///< RST instead of an answer
    hang_up,  ///< close without an answer
    truncate, ///< full Content-Length, half of the body, close
    garbage,  ///< bytes that are not HTTP
};

struct HttpReply {
    int status = 200;
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> headers = {}; ///< besides Content-Type, Content-Length
    std::string content_type = "application/json";
    Fault fault = Fault::none;
    std::chrono::milliseconds delay{0}; ///< before the first byte
    std::chrono::milliseconds drip{0};  ///< between single bytes of the body
    bool close = false;                 ///< close the connection after this answer
};

class HttpServer {
public:
    /// Called once at a time, from the server's threads; delays do not hold other requests up.
    using Handler = std::function<HttpReply(const HttpRequest&)>;

    explicit HttpServer(Handler handler);
    ~HttpServer(); ///< also cuts short whatever is being delayed
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    std::string url(std::string_view target = "") const; ///< "http://127.0.0.1:<port>" + target
    int port() const;
    void handler(Handler handler); ///< replaces it

    std::vector<HttpRequest> requests() const;                 ///< all so far, in order of arrival
    std::size_t count(std::string_view path_start = "") const; ///< requests whose path starts so
    std::size_t connections() const;                           ///< accepted so far
    std::size_t most_at_once() const; ///< requests being answered at the same time, at most
    void forget();                    ///< clears the records

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace scai::test
