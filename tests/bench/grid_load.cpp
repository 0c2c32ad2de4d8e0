// grid_load: what the way through ScaiFlow to ScaiGrid costs: lookups and events next to the same calls made
// directly, streams held by one process, and the other groups while ScaiGrid hangs. ScaiGrid is an nginx with
// fixed answers here, or a server that never answers. usage: grid_load   from the repository root
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/bench.hpp"
#include "tests/support/fastcgi.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/stack.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using scai::test::HttpReply;
using scai::test::HttpRequest;
using test::figure;
using test::fixed;

constexpr int calls = 2000;
constexpr int listeners = 3000;

/// An nginx of its own that answers as ScaiGrid would, at once.
class FixedGrid {
public:
    explicit FixedGrid(const std::string& folder) : port_(test::free_port()) {
        std::ofstream(folder + "/scopes.json")
            << R"({"status":"ok","data":[{"id":"sc_1","slug":"finance","display_name":"Finance","description":""},)"
               R"({"id":"sc_2","slug":"support","display_name":"Support","description":""}],"has_more":false})";
        std::ofstream events(folder + "/events.json");
        events << R"({"status":"ok","data":{"events":[)";
        for (int i = 0; i < 50; ++i)
            events
                << (i == 0 ? "" : ",")
                << R"({"type":"scaicore.runtime.block.exited","core_id":"core_9a","timestamp":"2026-05-02T10:00:01Z",)"
                   R"("payload":{"execution_id":"exec_5","node_id":"node_1","result_binding":"r1","result_binding_value":)"
                   R"({"ok":true,"score":0.7,"text":"an answer of the usual length"}}})";
        events << R"(],"next_cursor":"50"}})";
        const std::string conf = folder + "/grid-nginx.conf";
        std::ofstream out(conf);
        out << (geteuid() == 0 ? "user root;\n" : "") << "daemon off;\npid " << folder
            << "/grid-nginx.pid;\nworker_processes 1;\nerror_log stderr warn;\n"
               "events { worker_connections 1024; }\nhttp {\naccess_log off;\nkeepalive_requests 10000000;\n"
               "default_type application/json;\n";
        for (const char* kind : {"client_body", "fastcgi", "proxy", "scgi", "uwsgi"})
            out << kind << "_temp_path " << folder << "/grid-" << kind << ";\n";
        out << "server { listen 127.0.0.1:" << port_ << " backlog=1024;\nroot " << folder
            << ";\nlocation /v1/modules/scaiqueue/ { try_files /scopes.json =404; }\n"
               "location /v1/modules/scaicore/ { try_files /events.json =404; }\n}\n}\n";
        out.close();
        server_ = std::make_unique<test::Background>(
            std::vector<std::string>{"nginx", "-c", conf, "-p", folder, "-e", "stderr"});
        scai::http::CurlClient http;
        scai::http::Request probe;
        probe.url = url("/v1/modules/scaiqueue/scopes");
        for (int i = 0; i < 100; ++i) {
            if (const auto answer = http.send(probe); answer && answer->status == 200)
                return;
            std::this_thread::sleep_for(50ms);
        }
        throw std::runtime_error("the fixed ScaiGrid did not start");
    }
    std::string url(const std::string& path = "") const {
        return "http://127.0.0.1:" + std::to_string(port_) + path;
    }

private:
    int port_;
    std::unique_ptr<test::Background> server_;
};

/// Median of calls made one after the other over a kept connection, in milliseconds.
double median(const std::string& url, const std::string& token) {
    scai::http::CurlClient http;
    scai::http::Request request;
    request.url = url;
    request.headers = {{"Authorization", "Bearer " + token}};
    std::vector<double> took;
    for (int i = 0; i < calls; ++i) {
        const auto start = Clock::now();
        const auto answer = http.send(request);
        const std::chrono::duration<double, std::milli> ms = Clock::now() - start;
        if (!answer || answer->status != 200)
            throw std::runtime_error(url + ": " + (answer ? answer->body : answer.error().message));
        took.push_back(ms.count());
    }
    std::nth_element(took.begin(), took.begin() + calls / 2, took.end());
    return took[calls / 2];
}

void measure_lookups(const test::Stack& stack, const FixedGrid& grid, const std::string& token) {
    const std::string header = "Authorization: Bearer " + token;
    double direct = 1e9, through = 1e9, own = 1e9;
    for (int round = 0; round < 3; ++round) { // by turns: all see the same machine
        direct = std::min(direct, median(grid.url("/v1/modules/scaiqueue/scopes"), token));
        through = std::min(through, median(stack.flow_url() + "/v1/scaiqueue/scopes", token));
        own = std::min(own, median(stack.flow_url() + "/v1/me", token));
    }
    figure("ScaiGrid's scopes directly, p50 of calls one by one", fixed(direct, 3), "ms");
    figure("GET /v1/scaiqueue/scopes, nothing remembered, p50 of calls one by one", fixed(through, 3), "ms");
    figure("  added by ScaiFlow", fixed(through - direct, 3), "ms", "< 0.5 ms");
    figure("  of which nginx, token and mirror (GET /v1/me)", fixed(own, 3), "ms");
    const auto plain = test::load(grid.url("/v1/modules/scaicore/events"), {header}, 5, 16);
    const auto events = test::load(stack.flow_url() + "/v1/scaicore/events?core_id=core_9a", {header}, 5, 16);
    figure("ScaiGrid's events directly, page of 50, 16 callers", fixed(plain.per_second, 0), "requests/s");
    figure("GET /v1/scaicore/events, page of 50, 16 callers", fixed(events.per_second, 0), "requests/s");
    figure("  events", fixed(events.per_second * 50, 0), "events/s");
    figure("  p50, p99", events.p50 + ", " + events.p99, "");
}

/// KB of memory that are the process's own.
double resident(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    std::string word;
    while (file >> word)
        if (word == "RssAnon:") {
            double kb = 0;
            file >> kb;
            return kb;
        }
    throw std::runtime_error("no RssAnon");
}

void measure_streams() {
    std::atomic<int> events = 1;
    scai::test::HttpServer grid([&](const HttpRequest& request) {
        const auto cursor = request.query("cursor");
        const int from = cursor.empty() ? 0 : std::stoi(cursor);
        std::string rows;
        for (int i = from; i < events; ++i)
            rows += (rows.empty() ? "" : ",") + ("{\"n\":" + std::to_string(i + 1)) + "}";
        return HttpReply{.body = "{\"data\":{\"events\":[" + rows + "],\"next_cursor\":\"" +
                                 std::to_string(events.load()) + "\"}}"};
    });
    const test::Stack stack({{"SCAIFLOW_LOG_LEVEL", "warn"},
                             {"SCAIGRID_BASE_URL", grid.url()},
                             {"SCAIFLOW_EVENTS_POLL_MS", "200"},
                             {"SCAIFLOW_STREAMS_PER_TENANT", "100000"}});
    const auto person = test::demo_member();
    const auto token = stack.sign_in(person.email, person.password).access_token;
    const int pid = stack.pid_of("scaiflow-scaicore");
    const auto open = [&] {
        auto out = std::make_unique<test::FcgiConnection>(stack.folder() + "/var/run/scaiflow-scaicore.sock");
        out->send({{"REQUEST_METHOD", "GET"},
                   {"REQUEST_URI", "/v1/scaicore/events/stream?core_id=c&cursor=1"},
                   {"HTTP_AUTHORIZATION", "Bearer " + token}},
                  "", true);
        if (out->read_until("retry: 2000\n\n").find("retry: 2000") == std::string::npos)
            throw std::runtime_error("a stream did not begin");
        return out;
    };
    std::vector<std::unique_ptr<test::FcgiConnection>> clients;
    for (int i = 0; i < 50; ++i) // what the process needs anyway
        clients.push_back(open());
    const double before = resident(pid);
    const auto start = Clock::now();
    while (clients.size() < listeners)
        clients.push_back(open());
    const std::chrono::duration<double> took = Clock::now() - start;
    const double after = resident(pid);
    figure("event streams held by one process", std::to_string(listeners), "streams", ">= 2000");
    figure("  opened", fixed((listeners - 50) / took.count(), 0), "streams/s");
    figure("  memory a stream", fixed((after - before) / (listeners - 50), 1), "KB");
    const auto told = Clock::now();
    events = 2;
    for (const auto& client : clients)
        if (client->read_until("\"n\":2}").find("\"n\":2}") == std::string::npos)
            throw std::runtime_error("a listener missed an event");
    const std::chrono::duration<double, std::milli> all = Clock::now() - told;
    figure("  an event at all of them, poll of 200 ms included", fixed(all.count(), 0), "ms");
}

void measure_isolation() {
    scai::test::HttpServer grid([](const HttpRequest&) { return HttpReply{.body = "{}", .delay = 10min}; });
    const test::Stack stack({{"SCAIFLOW_LOG_LEVEL", "warn"}, {"SCAIGRID_BASE_URL", grid.url()}});
    const auto person = test::demo_member();
    const auto token = stack.sign_in(person.email, person.password).access_token;
    const auto bearer = test::bearer(token);
    const std::string header = bearer.first + ": " + bearer.second;
    const auto flows = stack.flow_url() + "/v1/flows";
    const auto usual = test::load(flows, {header}, 5, 4);
    struct Callers {
        explicit Callers(const test::Stack& of) : stack(of) {}
        ~Callers() {
            for (const char* service : {"scaiflow-lookups", "scaiflow-scaicore"})
                ::kill(stack.pid_of(service), SIGKILL); // what hangs would take its time to stop
            for (auto& thread : threads)
                thread.join();
        }
        Callers(const Callers&) = delete;
        Callers& operator=(const Callers&) = delete;
        const test::Stack& stack;
        std::vector<std::thread> threads;
    } callers(stack);
    for (int i = 0; i < 32; ++i)
        callers.threads.emplace_back([&, i] {
            stack.get(i % 2 == 0 ? "/v1/scaiqueue/scopes/sc_" + std::to_string(i) + "/queues"
                                 : "/v1/scaicore/checkpoints",
                      {bearer});
        });
    while (grid.count("/v1/modules") < 32) // as many as one tenant's calls may wait in the two groups
        std::this_thread::sleep_for(10ms);
    const auto hanging = test::load(flows, {header}, 5, 4);
    figure("GET /v1/flows, 4 callers, ScaiGrid well: p50, p99", usual.p50 + ", " + usual.p99, "");
    figure("GET /v1/flows, 4 callers, ScaiGrid hangs and lookups and scaicore wait: p50, p99",
           hanging.p50 + ", " + hanging.p99, "", "unchanged");
}

} // namespace

int main() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    try {
        std::string folder = "/tmp/scai-bench-grid-XXXXXX";
        if (mkdtemp(folder.data()) == nullptr)
            throw std::runtime_error("no folder for the fixed ScaiGrid");
        {
            const FixedGrid grid(folder);
            const test::Stack stack({{"SCAIFLOW_LOG_LEVEL", "warn"},
                                     {"SCAIGRID_BASE_URL", grid.url()},
                                     {"SCAIFLOW_LOOKUP_CACHE_SECONDS", "0"}});
            const auto person = test::demo_member();
            measure_lookups(stack, grid, stack.sign_in(person.email, person.password).access_token);
        }
        measure_streams();
        measure_isolation();
        return 0;
    } catch (const std::exception& failure) {
        std::cerr << "bench: " << failure.what() << "\n";
        return 1;
    }
}
