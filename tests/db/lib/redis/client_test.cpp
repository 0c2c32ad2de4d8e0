// The client against a real Redis: pool, deadlines, restarts, TLS. SPDX-License-Identifier: Apache-2.0
#include "lib/redis/client.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/process.hpp"
#include "tests/support/redis.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstdlib>
#include <thread>

using namespace scai::redis;

namespace {

Client client(const std::string& url, std::chrono::milliseconds limit = std::chrono::seconds(5)) {
    auto address = parse_address(url);
    return Client(std::move(*address), {limit, limit});
}

std::string code(const scai::Result<Reply>& reply) {
    return reply ? "none" : reply.error().code;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_redis)

BOOST_AUTO_TEST_CASE(replies_of_every_kind_are_read) {
    const test::Redis server;
    auto redis = client(server.url() + "?db=1");
    const std::string binary("a\0\r\n\xFF", 5);
    BOOST_TEST(redis.command({"SET", "key", binary})->text == "OK");
    BOOST_TEST(redis.command({"GET", "key"})->text == binary);
    BOOST_TEST((redis.command({"GET", "none"})->kind == Reply::Kind::nil));
    BOOST_TEST(redis.command({"INCRBY", "n", "41"})->integer == 41);
    const auto list = redis.command({"EVAL", "return {1, 'x', {2}}", "0"});
    BOOST_REQUIRE(list->items.size() == 3);
    BOOST_TEST(list->items[2].items.at(0).integer == 2);
    const auto error = redis.command({"INCR", "key"});
    BOOST_TEST((error->kind == Reply::Kind::error));
    const std::string large(1U << 20U, 'x');
    BOOST_TEST(redis.command({"ECHO", large})->text == large);
    BOOST_TEST(server.ask({"-n", "1", "EXISTS", "key"}) == "1\n");
}

BOOST_AUTO_TEST_CASE(a_restart_between_two_commands_is_not_noticed) {
    test::Redis server;
    auto redis = client(server.url());
    BOOST_TEST(code(redis.command({"PING"})) == "none");
    server.stop();
    BOOST_TEST(code(redis.command({"PING"})) == "connect");
    server.start();
    BOOST_TEST(code(redis.command({"PING"})) == "none");
    server.stop();
    server.start();
    BOOST_TEST(code(redis.command({"PING"})) == "none");
}

BOOST_AUTO_TEST_CASE(a_server_that_hangs_costs_the_deadline_and_no_more) {
    const test::Redis server;
    auto redis = client(server.url(), std::chrono::milliseconds(80));
    BOOST_TEST(code(redis.command({"PING"})) == "none");
    server.freeze(true);
    const auto started = std::chrono::steady_clock::now();
    BOOST_TEST(code(redis.command({"PING"})) == "timeout"); // on the kept connection
    BOOST_TEST(code(redis.command({"PING"})) == "timeout"); // on a new one
    const auto took = std::chrono::steady_clock::now() - started;
    BOOST_TEST((took >= std::chrono::milliseconds(150)));
    BOOST_TEST((took < std::chrono::seconds(5)));
    server.freeze(false);
    // The late answers belong to connections that are gone: nobody gets another's.
    BOOST_TEST(client(server.url()).command({"ECHO", "mine"})->text == "mine");
}

BOOST_AUTO_TEST_CASE(threads_do_not_get_each_others_answers) {
    const test::Redis server;
    auto redis = client(server.url());
    std::atomic<int> wrong = 0;
    std::vector<std::thread> running;
    for (int t = 0; t < 12; ++t)
        running.emplace_back([&, t] {
            for (int i = 0; i < 50; ++i) {
                const auto text = std::to_string(t) + ":" + std::to_string(i);
                const auto reply = redis.command({"ECHO", text});
                if (!reply || reply->text != text)
                    ++wrong;
            }
        });
    for (auto& thread : running)
        thread.join();
    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(credentials_are_presented_and_wrong_ones_named_as_such) {
    const test::Redis server({"--user", "app", "on", ">right", "~*", "+@all"});
    const auto url = [&](const std::string&) { return server.url(); };
    auto address = *parse_address(url(""));
    address.user = "app";
    address.password = scai::SecretText("right");
    BOOST_TEST(Client(std::move(address), {std::chrono::seconds(5), std::chrono::seconds(5)})
                   .command({"ACL", "WHOAMI"})
                   ->text == "app");
    auto wrong = *parse_address(url(""));
    wrong.user = "app";
    wrong.password = scai::SecretText("wrong");
    const auto refused =
        Client(std::move(wrong), {std::chrono::seconds(5), std::chrono::seconds(5)}).command({"PING"});
    BOOST_TEST(code(refused) == "auth");
    BOOST_TEST(refused.error().message.find("wrong") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(something_else_on_the_port_is_a_protocol_error) {
    const scai::test::HttpServer server([](const auto&) { return scai::test::HttpReply{}; });
    auto redis = client("redis://127.0.0.1:" + std::to_string(server.port()));
    const auto found = code(redis.command({"GET", "/", "HTTP/1.1\r\n\r\n"}));
    BOOST_TEST((found == "protocol" || found == "closed"), found);
}

BOOST_AUTO_TEST_CASE(tls_verifies_who_answers) {
    // A free port: taken and given back at once.
    const int port = scai::test::HttpServer([](const auto&) { return scai::test::HttpReply{}; }).port();
    std::string folder = "/tmp/scai-redis-tls-XXXXXX";
    BOOST_REQUIRE(mkdtemp(folder.data()) != nullptr);
    const auto made =
        test::run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                   "-nodes", "-keyout", folder + "/key", "-out", folder + "/cert", "-days", "2", "-subj",
                   "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"},
                  test::clean_environment());
    BOOST_REQUIRE_MESSAGE(made.status == 0, made.all());
    {
        const test::Redis server({"--tls-port", std::to_string(port), "--tls-cert-file", folder + "/cert",
                                  "--tls-key-file", folder + "/key", "--tls-auth-clients", "no"});
        const auto url = [&](const std::string& host) {
            return "rediss://" + host + ":" + std::to_string(port);
        };
        BOOST_TEST(code(client(url("localhost")).command({"PING"})) == "tls"); // nobody vouches for it
        setenv("SSL_CERT_FILE", (folder + "/cert").c_str(), 1);
        auto redis = client(url("localhost"));
        BOOST_TEST(redis.command({"PING"})->text == "PONG");
        const std::string large(300'000, 'y');
        BOOST_TEST(redis.command({"ECHO", large})->text == large);
        BOOST_TEST(code(client(url("127.0.0.1")).command({"PING"})) == "tls"); // another name
        BOOST_TEST(code(client("redis://127.0.0.1:" + std::to_string(port)).command({"PING"})) != "none");
        unsetenv("SSL_CERT_FILE");
    }
    test::run({"rm", "-r", folder}, test::clean_environment());
}

BOOST_AUTO_TEST_SUITE_END()
