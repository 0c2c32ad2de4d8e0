// Answers that go on, in a loop in a process of its own. SPDX-License-Identifier: Apache-2.0
#include "lib/web/stream.hpp"

#include "lib/log/log.hpp"
#include "lib/web/server.hpp"
#include "tests/support/fastcgi.hpp"

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace scai;
using namespace scai::web;
using namespace std::chrono_literals;
using test::FcgiConnection;

namespace {

std::shared_ptr<const std::string> shared(std::string text) {
    return std::make_shared<const std::string>(std::move(text));
}

/// What the routes of the test share: all open streams, and what became of the others.
struct Station {
    std::mutex mutex;
    std::vector<std::shared_ptr<StreamSink>> sinks;
    int ended = 0;
    bool refused = false; ///< a send was

    Result<Response> open(const Request& request) {
        if (!request.can_stream)
            return Error{.kind = ErrorKind::unavailable, .message = "no streams here"};
        auto stream = std::make_shared<Stream>();
        stream->start = [this](std::shared_ptr<StreamSink> sink) {
            const std::lock_guard lock(mutex);
            sinks.push_back(std::move(sink));
        };
        stream->ended = [this] {
            const std::lock_guard lock(mutex);
            ++ended;
        };
        stream->heartbeat = ": beat\n\n";
        stream->heartbeat_every = 1s;
        stream->at_shutdown = "data: stopping\n\n";
        stream->at_deadline = "data: time is up\n\n";
        if (request.query_text("deadline"))
            stream->deadline = std::chrono::steady_clock::now() + 100ms;
        auto response = Response::text("data: hello\n\n", "text/event-stream");
        response.stream = std::move(stream);
        return response;
    }
    /// ?text=&times=: to all.
    Result<Response> tell(const Request& request) {
        const auto text = shared(
            *request.query_text("text") +
            std::string(static_cast<std::size_t>(request.query_int("fill", 0, 0, 1 << 20).value()), '.'));
        const std::lock_guard lock(mutex);
        for (auto times = request.query_int("times", 1, 1, 10000).value(); times > 0; --times)
            for (const auto& sink : sinks)
                refused = !sink->send(text) || refused;
        return Response::text("told", "text/plain");
    }
    Result<Response> end() {
        const std::lock_guard lock(mutex);
        for (const auto& sink : sinks)
            sink->end("data: bye\n\n", "test");
        return Response::text("over", "text/plain");
    }
    Result<Response> state() {
        const std::lock_guard lock(mutex);
        const auto alive = std::count_if(sinks.begin(), sinks.end(), [](const auto& s) { return s->open(); });
        return Response::text(std::to_string(alive) + " open, " + std::to_string(ended) + " ended" +
                                  (refused ? ", refused" : ""),
                              "text/plain");
    }
};

Router make_router(Station& station) {
    const auto route = [](const char* pattern, std::function<Result<Response>(const Request&)> handler) {
        return ErasedRoute{"GET", pattern, Access::open(), 0, std::move(handler)};
    };
    return Router({route("/v1/stream", [&](const Request& r) { return station.open(r); }),
                   route("/v1/tell", [&](const Request& r) { return station.tell(r); }),
                   route("/v1/end", [&](const Request&) { return station.end(); }),
                   route("/v1/state", [&](const Request&) { return station.state(); })},
                  {}, Envelope::scaiflow);
}

/// One worker: whatever held it would hold everybody.
class Server {
public:
    Server() {
        auto pattern = (std::filesystem::temp_directory_path() / "scai-stream-XXXXXX").string();
        folder = ::mkdtemp(pattern.data());
        socket = folder + "/s.sock";
        pid = ::fork();
        if (pid == 0) {
            log::configure("test-server", "error");
            Station station;
            const auto router = make_router(station);
            Metrics metrics("", "test-server");
            ::_exit(serve(router, metrics, {.socket = socket, .threads = 1}));
        }
        for (int i = 0; i < 500; ++i) {
            try {
                const FcgiConnection probe(socket);
                return;
            } catch (const std::runtime_error&) {
                std::this_thread::sleep_for(10ms);
            }
        }
        throw std::runtime_error("the server did not start");
    }
    ~Server() {
        if (pid > 0) {
            ::kill(pid, SIGKILL);
            ::waitpid(pid, nullptr, 0);
        }
        std::filesystem::remove_all(folder);
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::string get(const std::string& uri) const { return FcgiConnection(socket).get(uri).body; }
    bool comes_to(const std::string& state) const {
        for (int i = 0; i < 200; ++i) {
            if (get("/v1/state") == state)
                return true;
            std::this_thread::sleep_for(20ms);
        }
        BOOST_TEST_MESSAGE("state is " + get("/v1/state"));
        return false;
    }
    int stop() {
        ::kill(pid, SIGTERM);
        int status = -1;
        ::waitpid(pid, &status, 0);
        pid = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    std::string folder, socket;
    pid_t pid = -1;
};

struct Client : FcgiConnection {
    explicit Client(const Server& server, const std::string& uri = "/v1/stream",
                    const std::string& method = "GET")
        : FcgiConnection(server.socket) {
        send({{"REQUEST_METHOD", method}, {"REQUEST_URI", uri}, {"REMOTE_ADDR", "127.0.0.1"}}, "", true);
    }
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_web)

BOOST_AUTO_TEST_CASE(a_stream_goes_on_after_its_head) {
    const Server server;
    Client client(server);
    const auto head = client.read_until("hello\n\n");
    BOOST_TEST(has(head, "Status: 200 OK"));
    BOOST_TEST(has(head, "Content-Type: text/event-stream"));
    BOOST_TEST(!has(head, "Content-Length"));
    BOOST_TEST(has(head, "\r\n\r\ndata: hello\n\n"));
    server.get("/v1/tell?text=one");
    server.get("/v1/tell?text=two");
    BOOST_TEST(client.read_until("two") == "onetwo");
    server.get("/v1/end");
    BOOST_TEST(client.read_until("never") == "data: bye\n\n");
    BOOST_TEST(client.ended());
    BOOST_TEST(client.closed_by_peer());
    BOOST_TEST(server.comes_to("0 open, 1 ended"));
    BOOST_TEST(server.get("/v1/tell?text=late") == "told");
    BOOST_TEST(server.get("/v1/state") == "0 open, 1 ended, refused");
}

BOOST_AUTO_TEST_CASE(streams_hold_no_worker) {
    const Server server;
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 60; ++i)
        clients.push_back(std::make_unique<Client>(server));
    for (const auto& client : clients)
        BOOST_TEST(has(client->read_until("hello"), "hello"));
    BOOST_TEST(server.get("/v1/state") == "60 open, 0 ended");
    server.get("/v1/tell?text=all");
    for (const auto& client : clients)
        BOOST_TEST(has(client->read_until("all"), "all"));
}

BOOST_AUTO_TEST_CASE(a_kept_connection_becomes_a_stream) {
    const Server server;
    FcgiConnection connection(server.socket);
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(connection.get("/v1/state").status == 200);
    connection.send({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/v1/stream"}}, "", true);
    BOOST_TEST(has(connection.read_until("hello\n\n"), "hello"));
    server.get("/v1/tell?text=one");
    BOOST_TEST(connection.read_until("one") == "one");
}

BOOST_AUTO_TEST_CASE(a_long_text_arrives_whole) {
    const Server server;
    Client client(server);
    client.read_until("hello\n\n");
    server.get("/v1/tell?text=big&fill=300000");
    std::string got;
    while (got.size() < 300003) {
        const auto more = client.read_until("", 200);
        BOOST_REQUIRE(!more.empty());
        got += more;
    }
    BOOST_TEST(got == "big" + std::string(300000, '.'));
}

BOOST_AUTO_TEST_CASE(a_client_that_leaves_is_noticed) {
    const Server server;
    {
        Client client(server);
        client.read_until("hello");
        BOOST_TEST(server.get("/v1/state") == "1 open, 0 ended");
    }
    BOOST_TEST(server.comes_to("0 open, 1 ended"));
    Client aborting(server);
    aborting.read_until("hello");
    aborting.raw(std::string("\x01\x02\x00\x01\x00\x00\x00\x00", 8)); // ABORT_REQUEST
    BOOST_TEST(server.comes_to("0 open, 2 ended"));
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_is_dropped_and_others_are_not) {
    const Server server;
    Client slow(server);
    slow.read_until("hello");
    Client quick(server);
    quick.read_until("hello\n\n");
    std::size_t got = 0;
    for (int i = 0; i < 120; ++i) {
        server.get("/v1/tell?text=x&fill=49999");
        for (std::size_t now = 0; now < 50000;) {
            const auto text = quick.read_until("", 50);
            now += text.size();
            got += text.size();
        }
    }
    BOOST_TEST(got == 120U * 50000U);
    BOOST_TEST(server.comes_to("1 open, 1 ended, refused"));
    // Some of what was queued reached the socket; then it ends without the end of an answer.
    while (!slow.read_until("", 200).empty()) {
    }
    BOOST_TEST(!slow.ended());
    BOOST_TEST(slow.closed_by_peer());
}

BOOST_AUTO_TEST_CASE(silence_is_filled_with_heartbeats) {
    const Server server;
    Client client(server);
    client.read_until("hello\n\n");
    BOOST_TEST(client.read_until("beat\n\n") == ": beat\n\n");
    BOOST_TEST(client.read_until("beat\n\n") == ": beat\n\n");
}

BOOST_AUTO_TEST_CASE(a_stream_ends_at_its_deadline) {
    const Server server;
    Client client(server, "/v1/stream?deadline=1");
    BOOST_TEST(has(client.read_until("never"), "hello\n\ndata: time is up\n\n"));
    BOOST_TEST(client.ended());
    BOOST_TEST(server.comes_to("0 open, 1 ended"));
}

BOOST_AUTO_TEST_CASE(stopping_ends_streams_with_their_last_text) {
    Server server;
    Client client(server);
    client.read_until("hello\n\n");
    const auto before = std::chrono::steady_clock::now();
    BOOST_TEST(server.stop() == 0);
    BOOST_TEST((std::chrono::steady_clock::now() - before < 10s));
    BOOST_TEST(client.read_until("never") == "data: stopping\n\n");
    BOOST_TEST(client.ended());
}

BOOST_AUTO_TEST_CASE(head_of_a_stream_is_answered_without_one) {
    const Server server;
    Client client(server, "/v1/stream", "HEAD");
    const auto reply = client.receive();
    BOOST_TEST(reply.complete);
    BOOST_TEST(reply.status == 200);
    BOOST_TEST(reply.body == "");
    BOOST_TEST(server.get("/v1/state") == "0 open, 0 ended");
}

BOOST_AUTO_TEST_CASE(where_nothing_can_go_on_the_endpoint_knows) {
    Station station;
    const auto router = make_router(station);
    Request request;
    request.method = "GET";
    request.path = "/v1/stream";
    BOOST_TEST(router.dispatch(request).status == 503);
    BOOST_TEST(station.sinks.empty());
}

BOOST_AUTO_TEST_SUITE_END()
