// ScaiFlow with a ScaiGrid of the test's own behind it: what a hanging one costs, and its events as a stream
// through nginx. SPDX-License-Identifier: Apache-2.0
#include "tests/support/http_server.hpp"
#include "tests/support/stack.hpp"

#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <atomic>
#include <csignal>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace std::chrono_literals;
using scai::test::HttpReply;
using scai::test::HttpRequest;

namespace {

/// Answers events with so many of them, anything else never.
struct Grid {
    std::atomic<int> events = 1;
    scai::test::HttpServer server{[this](const HttpRequest& request) {
        if (request.path != "/v1/modules/scaicore/events")
            return HttpReply{.body = "{}", .delay = 10min};
        const auto cursor = request.query("cursor");
        const int from = cursor.empty() ? 0 : std::stoi(cursor);
        std::string rows;
        for (int i = from; i < events; ++i)
            rows += (rows.empty() ? "" : ",") + ("{\"n\":" + std::to_string(i + 1)) + "}";
        return HttpReply{.body = "{\"data\":{\"events\":[" + rows + "],\"next_cursor\":\"" +
                                 std::to_string(events.load()) + "\"}}"};
    }};
};

struct Fixture {
    Fixture()
        : stack({{"SCAIGRID_BASE_URL", grid.server.url()},
                 {"SCAIFLOW_EVENTS_POLL_MS", "200"},
                 {"SCAIGRID_TIMEOUT_SECONDS", "300"},
                 {"SCAIGRID_INVOKE_TIMEOUT_SECONDS", "300"}}),
          token(stack.sign_in(test::demo_member().email, test::demo_member().password).access_token) {}
    Grid grid;
    test::Stack stack;
    std::string token;
};

/// One answer that goes on, as nginx hands it out byte by byte.
class Listener {
public:
    Listener(const test::Stack& stack, const std::string& path, const std::string& token)
        : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const auto url = stack.flow_url();
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        BOOST_REQUIRE(::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
                      0);
        const std::string request =
            "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n\r\n";
        BOOST_REQUIRE(::send(descriptor_, request.data(), request.size(), MSG_NOSIGNAL) ==
                      static_cast<ssize_t>(request.size()));
    }
    ~Listener() { ::close(descriptor_); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// Whether the text comes within the time; what came stays.
    bool gets(std::string_view text, std::chrono::milliseconds limit = 20s) {
        const auto until = std::chrono::steady_clock::now() + limit;
        while (all.find(text) == std::string::npos) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                until - std::chrono::steady_clock::now());
            pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
            if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0)
                return false;
            char buffer[4096];
            const auto got = ::recv(descriptor_, buffer, sizeof buffer, 0);
            if (got <= 0)
                return ended = true, false;
            all.append(buffer, static_cast<std::size_t>(got));
        }
        return true;
    }
    std::string all;
    bool ended = false;

private:
    int descriptor_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(api_scaiflow_grid)

BOOST_AUTO_TEST_CASE(a_hanging_grid_holds_up_nobody_but_those_who_ask_it) {
    Fixture fixture;
    const auto& stack = fixture.stack;
    const auto headers = test::Stack::Headers{test::bearer(fixture.token)};
    // More callers of one tenant than either group has threads; half of the threads may wait for them.
    constexpr int callers_each = 40, threads = 32;
    std::atomic<int> busy = 0, answered = 0;
    const auto count = [&](const test::Stack::Response& answer) {
        const bool refused = answer.status == 503 && answer.body.find("scaigrid_busy") != std::string::npos &&
                             answer.header("Retry-After") == "1";
        ++(refused ? busy : answered);
    };
    std::vector<std::thread> callers;
    for (int i = 0; i < callers_each; ++i) {
        callers.emplace_back([&, i] {
            count(stack.get("/v1/scaiqueue/scopes/sc_" + std::to_string(i) + "/queues", headers));
        });
        callers.emplace_back([&] {
            count(stack.send("POST", "/v1/scaicore/cores/core_1/invoke", R"({"input":{}})",
                             {headers.front(), {"Content-Type", "application/json"}}));
        });
    }
    BOOST_TEST(test::eventually([&] {
                   return fixture.grid.server.count("/v1/modules/scaiqueue") == threads / 2 &&
                          fixture.grid.server.count("/v1/modules/scaicore") == threads / 2 &&
                          busy == 2 * (callers_each - threads / 2);
               }),
               busy << " were told that the grid is busy");
    // Another tenant of the same process is served.
    const auto other = test::demo_stranger();
    const auto events = stack.get("/v1/scaicore/events",
                                  {test::bearer(stack.sign_in(other.email, other.password).access_token)});
    BOOST_TEST(events.status == 200, events.body);
    for (int i = 0; i < 100; ++i) {
        const auto flows = stack.get("/v1/flows", headers);
        BOOST_TEST_REQUIRE(flows.status == 200, flows.body);
    }
    BOOST_TEST(stack.get("/v1/me", headers).status == 200);
    BOOST_TEST(answered == 0, "the grid did not hang long enough for this to show anything");
    // What hangs is let go: the processes end, nobody waits for a timeout.
    fixture.grid.server.handler([](const HttpRequest&) { return HttpReply{.status = 500}; });
    for (const char* service : {"scaiflow-lookups", "scaiflow-scaicore"})
        ::kill(stack.pid_of(service), SIGKILL);
    for (auto& caller : callers)
        caller.join();
}

BOOST_AUTO_TEST_CASE(events_come_as_they_happen_and_a_restart_says_good_bye) {
    Fixture fixture;
    Listener listener(fixture.stack, "/api/v1/scaicore/events/stream?core_id=core_1", fixture.token);
    BOOST_TEST_REQUIRE(listener.gets("data: {\"n\":1}"), listener.all);
    BOOST_TEST(listener.all.starts_with("HTTP/1.1 200 OK"));
    BOOST_TEST(listener.all.find("Content-Type: text/event-stream") != std::string::npos);
    fixture.grid.events = 2;
    BOOST_TEST(listener.gets("id: 0.2\ndata: {\"n\":2}"), listener.all);
    fixture.grid.events = 4;
    BOOST_TEST(listener.gets("data: {\"n\":4}"), listener.all);
    BOOST_TEST(fixture.stack.service("restart", "scaiflow-scaicore").status == 0);
    BOOST_TEST(listener.gets("event: end\ndata: {\"reason\":\"shutdown\""), listener.all);
    // nginx ends a chunked answer properly: the client sees the end, not an error.
    BOOST_TEST(listener.gets("\r\n0\r\n\r\n"), listener.all);
    fixture.grid.events = 5;
    BOOST_TEST(test::eventually([&] {
        const auto page = fixture.stack.get("/v1/scaicore/events?cursor=4", {test::bearer(fixture.token)});
        return page.status == 200 && page.body == R"({"data":{"events":[{"n":5}],"next_cursor":"5"}})";
    }));
}

BOOST_AUTO_TEST_SUITE_END()
