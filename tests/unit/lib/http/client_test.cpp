// The client and the fleet against a real server on loopback. SPDX-License-Identifier: Apache-2.0
#include "lib/http/client.hpp"

#include "tests/support/http_server.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <ctime>
#include <set>
#include <thread>

using namespace std::chrono_literals;
using scai::ErrorKind;
using scai::http::CurlClient;
using scai::http::make_curl_fleet;
using scai::http::origin_of;
using scai::http::Request;
using scai::http::Response;
using scai::http::retry_delay;
using scai::test::Fault;
using scai::test::HttpReply;
using scai::test::HttpRequest;
using scai::test::HttpServer;

namespace {

HttpServer::Handler always(HttpReply reply) {
    return [reply](const HttpRequest&) { return reply; };
}

Request get(std::string url) {
    Request request;
    request.url = std::move(url);
    request.timeout = 5000ms;
    return request;
}

/// A free port nobody listens on: that of a server that is gone.
std::string dead_url() {
    const HttpServer server(always({}));
    return server.url("/");
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_http)

BOOST_AUTO_TEST_CASE(origin_is_scheme_host_and_unusual_port) {
    BOOST_TEST(origin_of("https://Key.Test/a?b#c") == "https://key.test");
    BOOST_TEST(origin_of("https://key.test:443/") == "https://key.test");
    BOOST_TEST(origin_of("http://key.test:80") == "http://key.test");
    BOOST_TEST(origin_of("http://key.test:443/") == "http://key.test:443");
    BOOST_TEST(origin_of("http://127.0.0.1:8082/x") == "http://127.0.0.1:8082");
    BOOST_TEST(origin_of("http://[::1]:8082/x") == "http://[::1]:8082");
    for (const char* url : {"", "key.test", "ftp://key.test/", "file:///etc/passwd", "https://", "//key.test",
                            "https://user:secret@key.test/", "http://key.test:99999/"})
        BOOST_TEST(origin_of(url) == "", url);
}

BOOST_AUTO_TEST_CASE(retry_after_wins_over_backoff_and_is_capped) {
    BOOST_TEST(retry_delay(1, "7", 0.5).count() == 7000);
    BOOST_TEST(retry_delay(1, "0", 0.5).count() == 0);
    BOOST_TEST(retry_delay(1, "99999999999", 0.5).count() == 120000);
    BOOST_TEST(retry_delay(1, "Sun, 06 Nov 1994 08:49:37 GMT", 0.5).count() == 0);
    const std::time_t soon = std::time(nullptr) + 30;
    char date[64];
    std::tm parts{};
    std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&soon, &parts));
    BOOST_TEST(retry_delay(1, date, 0.5).count() <= 30000);
    BOOST_TEST(retry_delay(1, date, 0.5).count() >= 28000);
    BOOST_TEST(retry_delay(1, "Sun, 06 Nov 2094 08:49:37 GMT", 0.5).count() == 120000);
}

BOOST_AUTO_TEST_CASE(backoff_doubles_with_half_jitter) {
    BOOST_TEST(retry_delay(1, "", 0.0).count() == 250);
    BOOST_TEST(retry_delay(1, "", 0.5).count() == 500);
    BOOST_TEST(retry_delay(1, "", 0.999999).count() == 749);
    BOOST_TEST(retry_delay(2, "", 0.5).count() == 1000);
    BOOST_TEST(retry_delay(3, "soon", 0.5).count() == 2000);
    BOOST_TEST(retry_delay(3, "-1", 0.5).count() == 2000);
    BOOST_TEST(retry_delay(99, "", 0.5).count() == 120000);
}

BOOST_AUTO_TEST_CASE(any_status_is_a_response) {
    HttpServer server(always({.status = 404, .body = R"({"detail":"no"})", .headers = {{"X-Thing", "7"}}}));
    CurlClient client;
    auto response = client.send(get(server.url("/a?b=c")));
    BOOST_REQUIRE(response);
    BOOST_TEST(response->status == 404);
    BOOST_TEST(response->body == R"({"detail":"no"})");
    BOOST_TEST(response->header("x-thing") == "7");
    BOOST_TEST(response->header("absent") == "");
    BOOST_TEST(response->attempts == 1);
    BOOST_TEST(server.requests().at(0).query("b") == "c");
}

BOOST_AUTO_TEST_CASE(method_headers_and_body_arrive) {
    HttpServer server(always({.status = 204}));
    CurlClient client;
    for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
        Request request = get(server.url("/x"));
        request.method = method;
        request.headers = {{"Authorization", "Bearer t"}, {"Content-Type", "text/plain"}, {"X-Empty", ""}};
        request.body = std::string("a\0b", 3);
        BOOST_REQUIRE(client.send(request));
        const auto seen = server.requests().back();
        BOOST_TEST(seen.method == method);
        BOOST_TEST(seen.body == request.body);
        BOOST_TEST(seen.header("authorization") == "Bearer t");
        BOOST_TEST(seen.header("content-type") == "text/plain");
        BOOST_TEST(seen.header("expect") == "");
    }
    Request bare = get(server.url("/x"));
    bare.method = "POST";
    BOOST_REQUIRE(client.send(bare));
    BOOST_TEST(server.requests().back().header("content-length") == "0");
    BOOST_REQUIRE(client.send(get(server.url("/x"))));
    BOOST_TEST(server.requests().back().method == "GET"); // nothing of the request before is left
    BOOST_TEST(server.requests().back().header("authorization") == "");
    BOOST_TEST(server.connections() <= 4U);
}

BOOST_AUTO_TEST_CASE(a_post_goes_out_once_even_when_a_kept_connection_is_dead) {
    HttpServer server(always({.body = "ok"}));
    CurlClient client;
    BOOST_REQUIRE(client.send(get(server.url("/"))));
    server.handler(always({.fault = Fault::reset}));
    Request request = get(server.url("/token"));
    request.method = "POST";
    request.body = "grant_type=authorization_code";
    BOOST_TEST(client.send(request).error().code == "reset");
    BOOST_TEST(server.count("/token") == 1U);
}

BOOST_AUTO_TEST_CASE(line_breaks_never_reach_the_wire) {
    HttpServer server(always({}));
    CurlClient client;
    Request request = get(server.url("/x"));
    request.headers = {{"X-A", "1\r\nX-Evil: 2"}};
    BOOST_TEST(client.send(request).error().code == "protocol");
    BOOST_TEST(client.send(get(server.url("/x\r\nX-Evil: 2"))).error().code == "url");
    BOOST_TEST(server.count() == 0U);
}

BOOST_AUTO_TEST_CASE(each_failure_has_its_own_code) {
    CurlClient client;
    const auto code = [&](HttpReply reply) {
        HttpServer server(always(std::move(reply)));
        Request request = get(server.url("/secret-path?token=s3cret"));
        request.timeout = 150ms;
        request.max_body = 1000;
        const auto outcome = client.send(request);
        BOOST_REQUIRE(!outcome);
        BOOST_TEST(outcome.error().message.find("secret") == std::string::npos);
        BOOST_TEST(outcome.error().message.find(server.url()) == 0U);
        return outcome.error().code;
    };
    BOOST_TEST(code({.body = "late", .delay = 2000ms}) == "timeout");
    BOOST_TEST(code({.body = "slow bytes", .drip = 100ms}) == "timeout");
    BOOST_TEST(code({.fault = Fault::reset}) == "reset");
    BOOST_TEST(code({.fault = Fault::hang_up}) == "reset");
    BOOST_TEST(code({.body = "only half of it", .fault = Fault::truncate}) == "truncated");
    BOOST_TEST(code({.body = std::string(1001, 'x')}) == "too_large");
    BOOST_TEST(code({.fault = Fault::garbage}) == "protocol");
    BOOST_TEST(client.send(get(dead_url())).error().code == "connect");
    BOOST_TEST(client.send(get("ftp://127.0.0.1/x")).error().code == "url");
    BOOST_TEST(client.send(get("")).error().code == "url");
}

BOOST_AUTO_TEST_CASE(a_body_of_exactly_the_limit_is_fine) {
    HttpServer server(always({.body = std::string(1000, 'x')}));
    CurlClient client;
    Request request = get(server.url("/"));
    request.max_body = 1000;
    BOOST_TEST(client.send(request)->body.size() == 1000U);
}

BOOST_AUTO_TEST_CASE(a_plain_http_port_is_no_tls) {
    HttpServer server(always({}));
    CurlClient client;
    std::string url = server.url("/");
    url.replace(0, 4, "https");
    BOOST_TEST(client.send(get(url)).error().code == "tls");
}

BOOST_AUTO_TEST_CASE(retries_stop_at_the_first_good_answer) {
    std::atomic<int> calls{0};
    HttpServer server([&](const HttpRequest&) {
        return ++calls < 3 ? HttpReply{.status = 503, .headers = {{"Retry-After", "0"}}}
                           : HttpReply{.body = "ok"};
    });
    CurlClient client;
    Request request = get(server.url("/"));
    request.retries = 5;
    auto response = client.send(request);
    BOOST_REQUIRE(response);
    BOOST_TEST(response->status == 200);
    BOOST_TEST(response->attempts == 3);
    BOOST_TEST(calls == 3);
}

BOOST_AUTO_TEST_CASE(retries_end_with_the_last_answer) {
    HttpServer server(always({.status = 429, .headers = {{"Retry-After", "0"}}}));
    CurlClient client;
    Request request = get(server.url("/"));
    request.retries = 2;
    BOOST_TEST(client.send(request)->status == 429);
    BOOST_TEST(server.count() == 3U);
}

BOOST_AUTO_TEST_CASE(final_answers_are_not_retried) {
    CurlClient client;
    for (const int status : {200, 301, 400, 401, 403, 404, 422, 500}) {
        HttpServer server(always({.status = status}));
        Request request = get(server.url("/"));
        request.retries = 3;
        BOOST_TEST(client.send(request)->status == status);
        BOOST_TEST(server.count() == 1U);
    }
}

BOOST_AUTO_TEST_CASE(redirects_are_not_followed_by_default) {
    HttpServer server(always({.status = 307, .headers = {{"Location", "/x/"}}}));
    CurlClient client;
    BOOST_TEST(client.send(get(server.url("/x")))->status == 307);
    BOOST_TEST(server.count() == 1U);
}

BOOST_AUTO_TEST_CASE(one_hop_to_the_slash_path_repeats_everything) {
    HttpServer server([](const HttpRequest& request) {
        if (request.path == "/x")
            return HttpReply{.status = 307, .headers = {{"Location", "/x/?page=2"}}};
        return HttpReply{.body = "there"};
    });
    CurlClient client;
    Request request = get(server.url("/x?page=2"));
    request.method = "POST";
    request.headers = {{"Authorization", "Bearer t"}};
    request.body = "payload";
    request.follow_same_origin = true;
    BOOST_TEST(client.send(request)->body == "there");
    const auto seen = server.requests().at(1);
    BOOST_TEST(seen.target == "/x/?page=2");
    BOOST_TEST(seen.method == "POST");
    BOOST_TEST(seen.body == "payload");
    BOOST_TEST(seen.header("Authorization") == "Bearer t");
}

BOOST_AUTO_TEST_CASE(a_second_hop_or_another_origin_is_not_followed) {
    HttpServer other(always({.body = "stolen"}));
    HttpServer server([&](const HttpRequest& request) {
        if (request.path == "/away")
            return HttpReply{.status = 307, .headers = {{"Location", other.url("/away")}}};
        return HttpReply{.status = 308, .headers = {{"Location", request.path + "x"}}};
    });
    CurlClient client;
    Request request = get(server.url("/loop"));
    request.follow_same_origin = true;
    BOOST_TEST(client.send(request)->status == 308);
    BOOST_TEST(server.count("/loop") == 2U);
    request.url = server.url("/away");
    BOOST_TEST(client.send(request)->status == 307);
    BOOST_TEST(other.count() == 0U);
    for (const int status : {301, 302, 303}) {
        server.handler(always({.status = status, .headers = {{"Location", "/y"}}}));
        request.url = server.url("/x");
        BOOST_TEST(client.send(request)->status == status);
    }
    BOOST_TEST(server.count("/y") == 0U);
}

BOOST_AUTO_TEST_CASE(environment_proxies_are_ignored) {
    ::setenv("http_proxy", "http://127.0.0.1:1", 1);
    HttpServer server(always({.body = "direct"}));
    CurlClient client;
    BOOST_TEST(client.send(get(server.url("/")))->body == "direct");
    ::unsetenv("http_proxy");
}

BOOST_AUTO_TEST_CASE(threads_share_a_client) {
    HttpServer server([](const HttpRequest& request) { return HttpReply{.body = request.path}; });
    CurlClient client;
    std::atomic<int> good{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 25; ++i) {
                const std::string path = "/" + std::to_string(t * 100 + i);
                const auto response = client.send(get(server.url(path)));
                good += response && response->body == path ? 1 : 0;
            }
        });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(good == 100);
    BOOST_TEST(server.connections() <= 4U);
}

BOOST_AUTO_TEST_CASE(fleet_bounds_what_is_in_flight_and_keeps_connections) {
    HttpServer server(
        [](const HttpRequest& request) { return HttpReply{.body = request.path, .delay = 2ms}; });
    auto fleet = make_curl_fleet(4);
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i)
        fleet->add(get(server.url("/" + std::to_string(i))), [&](scai::Result<Response> response) {
            BOOST_REQUIRE(response);
            seen.insert(response->body);
        });
    fleet->run();
    BOOST_TEST(seen.size() == 100U);
    BOOST_TEST(fleet->calls() == 100U);
    BOOST_TEST(server.most_at_once() <= 4U);
    BOOST_TEST(server.most_at_once() >= 2U);
    BOOST_TEST(server.connections() <= 4U);
    fleet->run(); // nothing to do
    BOOST_TEST(server.count() == 100U);
}

BOOST_AUTO_TEST_CASE(a_slot_is_at_work_again_while_its_answer_is_looked_at) {
    HttpServer server(always({}));
    auto fleet = make_curl_fleet(1);
    fleet->add(get(server.url("/first")), [&](scai::Result<Response> response) {
        BOOST_REQUIRE(response);
        for (int i = 0; i < 500 && server.count("/next") == 0; ++i)
            std::this_thread::sleep_for(10ms);
        BOOST_TEST(server.count("/next") == 1U);
    });
    bool came = false;
    fleet->add(get(server.url("/next")), [&](scai::Result<Response>) { came = true; });
    fleet->run();
    BOOST_TEST(came);
    BOOST_TEST(server.most_at_once() == 1U);
}

BOOST_AUTO_TEST_CASE(completions_may_add_requests) {
    HttpServer server(always({}));
    auto fleet = make_curl_fleet(2);
    int done = 0;
    std::function<void(int)> walk = [&](int depth) {
        fleet->add(get(server.url("/" + std::to_string(depth))), [&, depth](scai::Result<Response>) {
            ++done;
            if (depth < 5) {
                walk(depth + 1);
                walk(depth + 1);
            }
        });
    };
    walk(1);
    fleet->run();
    BOOST_TEST(done == 31);
}

BOOST_AUTO_TEST_CASE(a_waiting_retry_delays_nobody_else) {
    std::atomic<bool> told{false};
    HttpServer server([&](const HttpRequest& request) {
        if (request.path == "/busy" && !told.exchange(true))
            return HttpReply{.status = 429, .headers = {{"Retry-After", "1"}}};
        return HttpReply{.body = request.path};
    });
    auto fleet = make_curl_fleet(1);
    std::vector<std::string> order;
    const auto note = [&](scai::Result<Response> response) {
        BOOST_REQUIRE(response);
        order.push_back(response->body);
        if (response->body == "/busy")
            BOOST_TEST(response->attempts == 2);
    };
    Request busy = get(server.url("/busy"));
    busy.retries = 3;
    const auto start = std::chrono::steady_clock::now();
    fleet->add(busy, note);
    for (int i = 0; i < 5; ++i)
        fleet->add(get(server.url("/" + std::to_string(i))), note);
    fleet->run();
    BOOST_TEST((std::chrono::steady_clock::now() - start >= 1s));
    BOOST_TEST(order.size() == 6U);
    BOOST_TEST(order.back() == "/busy");
    BOOST_TEST(fleet->calls() == 7U);
}

BOOST_AUTO_TEST_CASE(fleet_failures_are_told_each) {
    HttpServer server([](const HttpRequest& request) {
        if (request.path == "/reset")
            return HttpReply{.fault = Fault::reset};
        if (request.path == "/slow")
            return HttpReply{.delay = 2000ms};
        if (request.path == "/hop")
            return HttpReply{.status = 307, .headers = {{"Location", "/hop/"}}};
        return HttpReply{.body = "ok"};
    });
    auto fleet = make_curl_fleet(8);
    std::set<std::string> told;
    const auto ask = [&](const std::string& path) {
        Request request = get(path.starts_with("/") ? server.url(path) : path);
        request.timeout = 200ms;
        request.follow_same_origin = true;
        fleet->add(request, [&told, path](scai::Result<Response> outcome) {
            told.insert(path + " " + (outcome ? outcome->body : outcome.error().code));
        });
    };
    for (const char* path : {"/reset", "/slow", "/hop", "/fine", "nonsense://x"})
        ask(path);
    fleet->run();
    const std::set<std::string> expected{"/reset reset", "/slow timeout", "/hop ok", "/fine ok",
                                         "nonsense://x url"};
    BOOST_TEST(told == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(stop_drops_the_queue_and_what_is_in_flight) {
    HttpServer server([](const HttpRequest& request) {
        return HttpReply{.delay = request.path == "/first" ? 0ms : 3000ms};
    });
    auto fleet = make_curl_fleet(3);
    int completions = 0;
    for (const char* path : {"/first", "/second", "/third", "/fourth"})
        fleet->add(get(server.url(path)), [&](scai::Result<Response>) {
            ++completions;
            fleet->stop();
        });
    const auto start = std::chrono::steady_clock::now();
    fleet->run();
    BOOST_TEST((std::chrono::steady_clock::now() - start < 2s));
    BOOST_TEST(completions == 1);
}

BOOST_AUTO_TEST_CASE(watch_ends_a_run_in_which_nothing_completes) {
    HttpServer server(always({.delay = 4000ms}));
    auto fleet = make_curl_fleet(3);
    fleet->add(get(server.url("/")), [](scai::Result<Response>) { BOOST_TEST(false, "must not complete"); });
    int asked = 0;
    fleet->watch([&] { return ++asked > 2; });
    const auto start = std::chrono::steady_clock::now();
    fleet->run();
    BOOST_TEST((std::chrono::steady_clock::now() - start < 2s));
}

BOOST_AUTO_TEST_SUITE_END()
