// The loop in a process of its own, spoken to over its socket. SPDX-License-Identifier: Apache-2.0
#include "lib/web/server.hpp"

#include "lib/log/log.hpp"
#include "tests/support/fastcgi.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace scai;
using namespace scai::web;
using test::FcgiConnection;

namespace {

using Clock = std::chrono::steady_clock;

Router make_router() {
    const auto route = [](const char* method, const char* pattern, std::size_t max_body,
                          std::function<Result<Response>(const Request&)> handler) {
        return ErasedRoute{method, pattern, Access::open(), max_body, std::move(handler)};
    };
    return Router(
        {route("GET", "/v1/hello/{name}", 0,
               [](const Request& r) -> Result<Response> {
                   return Response::text("hello " + r.param("name"), "text/plain");
               }),
         route("POST", "/v1/echo", 1U << 20U,
               [](const Request& r) -> Result<Response> { return Response::text(r.body, "text/plain"); }),
         route("POST", "/v1/small", 1000,
               [](const Request&) -> Result<Response> { return Response::no_content(); }),
         route("GET", "/v1/slow", 0,
               [](const Request&) -> Result<Response> {
                   std::this_thread::sleep_for(std::chrono::milliseconds(400));
                   return Response::text("slow", "text/plain");
               }),
         route("GET", "/v1/many", 0,
               [](const Request&) -> Result<Response> {
                   // What stays lies above what goes, as it does when threads take turns.
                   static std::vector<std::string> kept;
                   std::vector<std::string> many(50'000, std::string(1000, 'm'));
                   kept.emplace_back(1000, 'k');
                   return Response::text(std::to_string(many.size()), "text/plain");
               }),
         route("GET", "/v1/big", 0,
               [](const Request&) -> Result<Response> {
                   return Response::text(std::string(3U << 20U, 'b'), "text/plain");
               })},
        {}, Envelope::scaiflow);
}

/// A forked child that serves until it is told to stop.
class Server {
public:
    explicit Server(int threads = 2) {
        auto pattern = (std::filesystem::temp_directory_path() / "scai-web-XXXXXX").string();
        folder = ::mkdtemp(pattern.data());
        socket = folder + "/s.sock";
        start(threads);
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

    void start(int threads) {
        pid = ::fork();
        if (pid == 0) {
            log::configure("test-server", "error");
            const auto router = make_router();
            Metrics metrics("", "test-server");
            ::_exit(serve(
                router, metrics,
                {.socket = socket, .threads = threads, .memory_pause = std::chrono::milliseconds(200)}));
        }
        for (int i = 0; i < 500; ++i) {
            try {
                const FcgiConnection probe(socket);
                return;
            } catch (const std::runtime_error&) {
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
            }
        }
        throw std::runtime_error("the server did not start");
    }
    void terminate() const { ::kill(pid, SIGTERM); }
    int wait() {
        int status = -1;
        ::waitpid(pid, &status, 0);
        pid = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    std::string folder, socket;
    pid_t pid = -1;
};

/// Runs the CGI way with these variables and this stdin; stdout comes back.
std::string run_cgi(const std::vector<std::pair<std::string, std::string>>& variables,
                    const std::string& input, int* exit_code = nullptr) {
    int in[2];
    int out[2];
    BOOST_REQUIRE(::pipe(in) == 0 && ::pipe(out) == 0);
    std::fflush(nullptr); // what the log of the tests still holds is not the child's answer
    const pid_t child = ::fork();
    if (child == 0) {
        log::configure("test-cgi", "error");
        ::dup2(in[0], 0);
        ::dup2(out[1], 1);
        for (const int descriptor : {in[0], in[1], out[0], out[1]})
            ::close(descriptor);
        ::clearenv();
        for (const auto& [name, value] : variables)
            ::setenv(name.c_str(), value.c_str(), 1);
        const auto router = make_router();
        Metrics metrics("", "test-cgi");
        ::_exit(serve(router, metrics, {}));
    }
    ::close(in[0]);
    ::close(out[1]);
    // stdin stays open after the body: a CGI program must not wait for its end
    BOOST_REQUIRE(::write(in[1], input.data(), input.size()) == static_cast<ssize_t>(input.size()));
    std::string output;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(out[0], buffer, sizeof buffer)) > 0;)
        output.append(buffer, static_cast<std::size_t>(got));
    ::close(in[1]);
    ::close(out[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (exit_code != nullptr)
        *exit_code = WEXITSTATUS(status);
    return output;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_web_server)

BOOST_AUTO_TEST_CASE(one_connection_carries_many_requests) {
    const Server server;
    FcgiConnection connection(server.socket);
    for (int i = 0; i < 50; ++i) {
        const auto reply = connection.get("/api/v1/hello/n" + std::to_string(i));
        BOOST_REQUIRE(reply.complete);
        BOOST_TEST(reply.headers.at("status") == "200 OK");
        BOOST_TEST(reply.body == "hello n" + std::to_string(i));
    }
    const auto echoed = connection.post("/v1/echo", std::string(300000, 'x'), "application/json");
    BOOST_TEST(echoed.body.size() == 300000U);
    BOOST_TEST(connection.get("/v1/big").body.size() == (3U << 20U));
    BOOST_TEST(connection.get("/v1/nothing").status == 404);
}

BOOST_AUTO_TEST_CASE(answers_of_every_length_arrive_whole) {
    const Server server;
    FcgiConnection connection(server.socket);
    for (const std::size_t size :
         {7700U, 7850U, 7900U, 8000U, 8192U, 65300U, 65400U, 65528U, 65600U, 140000U}) {
        std::string body;
        while (body.size() < size)
            body += std::to_string(body.size()) + ",";
        const auto reply = connection.post("/v1/echo", body, "application/json");
        BOOST_REQUIRE(reply.complete);
        BOOST_TEST((reply.body == body), size);
    }
}

BOOST_AUTO_TEST_CASE(connection_not_kept_is_closed_after_the_answer) {
    const Server server;
    FcgiConnection connection(server.socket);
    BOOST_TEST(connection.get("/v1/hello/x", false).body == "hello x");
    BOOST_TEST(connection.closed_by_peer());
}

BOOST_AUTO_TEST_CASE(idle_kept_connections_hold_no_worker) {
    const Server server(1);
    std::vector<std::unique_ptr<FcgiConnection>> connections;
    for (int i = 0; i < 40; ++i) {
        connections.push_back(std::make_unique<FcgiConnection>(server.socket));
        BOOST_TEST(connections.back()->get("/v1/hello/a").status == 200);
    }
    for (auto& connection : connections) // all of them still work, with one worker
        BOOST_TEST(connection->get("/v1/hello/b").body == "hello b");
}

BOOST_AUTO_TEST_CASE(slow_request_does_not_hold_up_the_free_worker) {
    const Server server(2);
    FcgiConnection slow(server.socket);
    FcgiConnection quick(server.socket);
    BOOST_TEST(quick.get("/v1/hello/a").status == 200);
    slow.send({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/v1/slow"}}, "", true);
    const auto start = Clock::now();
    for (int i = 0; i < 20; ++i)
        BOOST_TEST(quick.get("/v1/hello/a").status == 200);
    BOOST_TEST((Clock::now() - start < std::chrono::milliseconds(300)));
    BOOST_TEST(slow.receive().body == "slow");
}

BOOST_AUTO_TEST_CASE(body_over_the_limit_is_413_and_the_connection_goes_on) {
    const Server server;
    FcgiConnection connection(server.socket);
    BOOST_TEST(connection.post("/v1/small", std::string(1000, 'x')).status == 204);
    for (const std::size_t size : {1001U, 20000U, 5000000U})
        BOOST_TEST(connection.post("/v1/small", std::string(size, 'x')).status == 413);
    BOOST_TEST(connection.post("/v1/small", "x").status == 204);
    BOOST_TEST(connection.post("/v1/nothing", std::string(5000000, 'x')).status == 404);
    BOOST_TEST(connection.get("/v1/hello/x").status == 200);
}

BOOST_AUTO_TEST_CASE(short_body_is_400) {
    const Server server;
    FcgiConnection connection(server.socket);
    connection.send({{"REQUEST_METHOD", "POST"}, {"REQUEST_URI", "/v1/echo"}, {"CONTENT_LENGTH", "100"}},
                    "abc", true);
    BOOST_TEST(connection.receive().status == 400);
}

BOOST_AUTO_TEST_CASE(broken_and_abandoned_connections_do_no_harm) {
    const Server server(1);
    FcgiConnection(server.socket).raw("this is no FastCGI record at all, and it is long enough");
    FcgiConnection(server.socket).raw(std::string("\x01\x01\x00\x01", 4));
    FcgiConnection(server.socket).raw(std::string(64, '\0'));
    { const FcgiConnection silent(server.socket); }
    {
        FcgiConnection gone(server.socket); // leaves before the answer
        gone.send({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/v1/big"}}, "", true);
    }
    FcgiConnection good(server.socket);
    BOOST_TEST(good.get("/v1/hello/x").body == "hello x");
}

BOOST_AUTO_TEST_CASE(terminated_server_finishes_what_it_has_and_exits_0) {
    Server server(2);
    FcgiConnection idle(server.socket);
    BOOST_TEST(idle.get("/v1/hello/x").status == 200);
    FcgiConnection busy(server.socket);
    busy.send({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/v1/slow"}}, "", true);
    FcgiConnection waiting(server.socket); // accepted or still in the backlog, nothing sent yet
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    waiting.send({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/v1/hello/w"}}, "", true);
    server.terminate();
    BOOST_TEST(busy.receive().body == "slow");
    BOOST_TEST(waiting.receive().body == "hello w");
    BOOST_TEST(busy.closed_by_peer());
    BOOST_TEST(server.wait() == 0);
    BOOST_TEST(idle.closed_by_peer());
    BOOST_TEST(!std::filesystem::exists(server.socket));
}

BOOST_AUTO_TEST_CASE(socket_has_mode_0660_and_a_stale_one_is_replaced) {
    Server server;
    struct stat status {};
    BOOST_REQUIRE(::stat(server.socket.c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 0777U) == 0660U);
    ::kill(server.pid, SIGKILL); // leaves its socket behind
    server.wait();
    BOOST_TEST(std::filesystem::exists(server.socket));
    server.start(1);
    BOOST_TEST(FcgiConnection(server.socket).get("/v1/hello/x").status == 200);
}

BOOST_AUTO_TEST_CASE(socket_of_a_living_process_is_not_taken) {
    const Server server;
    const pid_t second = ::fork();
    if (second == 0) {
        log::configure("test-server", "error"); // one line on stderr is expected
        const auto router = make_router();
        Metrics metrics("", "test-server");
        ::_exit(serve(router, metrics, {.socket = server.socket, .threads = 1}));
    }
    int status = 0;
    ::waitpid(second, &status, 0);
    BOOST_TEST(WEXITSTATUS(status) == 69);
    BOOST_TEST(FcgiConnection(server.socket).get("/v1/hello/x").status == 200);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
BOOST_AUTO_TEST_CASE(memory_of_a_large_request_goes_back_to_the_system) {
    const Server server;
    const auto resident = [&] {
        std::ifstream pages("/proc/" + std::to_string(server.pid) + "/statm");
        long all = 0, here = 0;
        pages >> all >> here;
        return here * ::sysconf(_SC_PAGESIZE);
    };
    FcgiConnection connection(server.socket);
    BOOST_TEST(connection.get("/v1/hello/x").body == "hello x");
    const long most = resident() + (20L << 20U); // of the 50 MB that the request needs
    BOOST_TEST(connection.get("/v1/many").body == "50000");
    long after = resident();
    for (int i = 0; i < 100 && after > most; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        after = resident();
    }
    BOOST_TEST(after <= most);
    BOOST_TEST(connection.get("/v1/hello/x").body == "hello x");
}
#endif

BOOST_AUTO_TEST_CASE(kept_connections_are_closed_before_the_process_is_gone) {
    auto pattern = (std::filesystem::temp_directory_path() / "scai-web-XXXXXX").string();
    const std::string folder = ::mkdtemp(pattern.data());
    const std::string path = folder + "/s.sock";
    const pid_t child = ::fork();
    if (child == 0) {
        log::configure("test-server", "error");
        const auto router = make_router();
        Metrics metrics("", "test-server");
        const int code = serve(router, metrics, {.socket = path, .threads = 2});
        ::pause(); // whatever else a process does on its way out
        ::_exit(code);
    }
    for (int i = 0; i < 200 && !std::filesystem::exists(path); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    {
        FcgiConnection first(path), second(path);
        BOOST_TEST(first.get("/v1/hello/x").body == "hello x");
        BOOST_TEST(second.get("/v1/hello/y").body == "hello y");
        ::kill(child, SIGTERM);
        BOOST_TEST(first.closed_by_peer());
        BOOST_TEST(second.closed_by_peer());
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(inherited_listening_socket_is_served) {
    auto pattern = (std::filesystem::temp_directory_path() / "scai-web-XXXXXX").string();
    const std::string folder = ::mkdtemp(pattern.data());
    const std::string path = folder + "/s.sock";
    const int listening = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    BOOST_REQUIRE(::bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    BOOST_REQUIRE(::listen(listening, 8) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        log::configure("test-server", "error");
        ::dup2(listening, 0);
        const auto router = make_router();
        Metrics metrics("", "test-server");
        ::_exit(serve(router, metrics, {.threads = 1}));
    }
    ::close(listening);
    BOOST_TEST(FcgiConnection(path).get("/v1/hello/x").body == "hello x");
    ::kill(child, SIGTERM);
    int status = -1;
    ::waitpid(child, &status, 0);
    BOOST_TEST(WEXITSTATUS(status) == 0);
    BOOST_TEST(std::filesystem::exists(path)); // not ours to remove
    std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(cgi_answers_one_request_on_stdout) {
    int code = -1;
    const auto hello = run_cgi({{"REQUEST_METHOD", "GET"}, {"PATH_INFO", "/api/v1/hello/cgi"}}, "", &code);
    BOOST_TEST(code == 0);
    BOOST_TEST(hello.starts_with("Status: 200 OK\r\n"));
    BOOST_TEST(hello.ends_with("\r\n\r\nhello cgi"));
    const auto echoed = run_cgi(
        {{"REQUEST_METHOD", "POST"}, {"PATH_INFO", "/v1/echo"}, {"CONTENT_LENGTH", "4"}}, "bodyand more");
    BOOST_TEST(echoed.ends_with("\r\n\r\nbody"));
    const auto large =
        run_cgi({{"REQUEST_METHOD", "POST"}, {"PATH_INFO", "/v1/small"}, {"CONTENT_LENGTH", "2000"}},
                std::string(2000, 'x'));
    BOOST_TEST(large.starts_with("Status: 413 "));
}

BOOST_AUTO_TEST_CASE(neither_socket_nor_request_is_a_usage_error) {
    int code = -1;
    const auto output = run_cgi({}, "", &code);
    BOOST_TEST(code == 64);
    BOOST_TEST(output.empty());
}

BOOST_AUTO_TEST_SUITE_END()
