// The benchmark of the whole platform: starts a stack of its own, measures the ceilings of this machine
// first, then what the product makes of them, and prints one line a figure:
// "name<TAB>value<TAB>unit<TAB>goal". usage: platform [--users N --groups N --memberships N] [--only
// ceilings|me|sweep|webhooks|memory]   from the repository root SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "tests/support/process.hpp"
#include "tests/support/stack.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <regex>
#include <set>
#include <signal.h>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

using test::Finished;

void figure(const std::string& name, const std::string& value, const std::string& unit,
            const std::string& goal = "") {
    std::cout << name << '\t' << value << '\t' << unit << '\t' << goal << std::endl;
}

std::string fixed(double value, int digits = 1) {
    std::ostringstream out;
    out.setf(std::ios::fixed);
    out.precision(digits);
    out << value;
    return out.str();
}

/// First group of the pattern in the text as a number; throws when the program printed something else.
double number_in(const std::string& text, const std::string& pattern) {
    std::smatch match;
    if (!std::regex_search(text, match, std::regex(pattern)))
        throw std::runtime_error("no \"" + pattern + "\" in:\n" + text);
    return std::stod(match[1]);
}

/// A server beside the stack, killed by pid when the measurement ends.
class Background {
public:
    explicit Background(const std::vector<std::string>& arguments) : pid_(fork()) {
        if (pid_ == 0) {
            std::vector<char*> argv;
            for (const auto& argument : arguments)
                argv.push_back(const_cast<char*>(argument.c_str())); // execvp does not write
            argv.push_back(nullptr);
            execvp(argv[0], argv.data());
            _exit(127);
        }
    }
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;
    ~Background() {
        kill(pid_, SIGTERM);
        for (int i = 0; i < 100 && waitpid(pid_, nullptr, WNOHANG) == 0; ++i) {
            usleep(20000);
            if (i == 50)
                kill(pid_, SIGKILL);
        }
    }

private:
    pid_t pid_;
};

struct Rate {
    double per_second = 0;
    std::string p99;
};

/// wrk with 64 kept connections; any answer but 2xx fails the benchmark.
Rate load(const std::string& url, const std::vector<std::string>& headers = {}, int seconds = 8) {
    std::vector<std::string> command{"wrk", "-t2", "-c64", "-d" + std::to_string(seconds) + "s", "--latency"};
    for (const auto& header : headers) {
        command.emplace_back("-H");
        command.push_back(header);
    }
    command.push_back(url);
    const Finished run = test::run(command, test::clean_environment());
    if (run.status != 0 || run.out.find("Non-2xx") != std::string::npos ||
        run.out.find("Socket errors") != std::string::npos)
        throw std::runtime_error("wrk " + url + ":\n" + run.all());
    std::smatch match;
    std::regex_search(run.out, match, std::regex("99%\\s+(\\S+)"));
    return {number_in(run.out, "Requests/sec:\\s+([0-9.]+)"), match[1]};
}

/// Ceilings of this machine: an nginx of their own in front of the two hello programs.
class Ceilings {
public:
    Ceilings(const std::string& folder, const std::string& objects) : port_(test::free_port()) {
        const std::string plain = folder + "/plain.sock";
        const std::string parked = folder + "/parked.sock";
        servers_.push_back(std::make_unique<Background>(
            std::vector<std::string>{objects + "/bench/hello_plain", plain, "8"}));
        servers_.push_back(std::make_unique<Background>(
            std::vector<std::string>{objects + "/bench/hello_parked", parked, "8"}));
        const std::string conf = folder + "/bench-nginx.conf";
        char cwd[4096];
        const std::string root = getcwd(cwd, sizeof cwd);
        std::ofstream out(conf);
        out << (geteuid() == 0 ? "user root;\n" : "") << "daemon off;\npid " << folder
            << "/bench-nginx.pid;\nworker_processes auto;\nerror_log stderr warn;\n"
               "events { worker_connections 4096; }\nhttp {\naccess_log off;\nkeepalive_requests 1000000;\n";
        for (const char* kind : {"client_body", "fastcgi", "proxy", "scgi", "uwsgi"})
            out << kind << "_temp_path " << folder << "/bench-" << kind << ";\n";
        out << "map $http_x_request_id $scai_request_id { default $request_id; }\n"
            << "upstream plain { server unix:" << plain << "; }\nupstream parked { server unix:" << parked
            << "; keepalive 32; keepalive_requests 100000; }\nserver { listen 127.0.0.1:" << port_
            << " backlog=1024;\nlocation /constant { return 200 hello; }\nlocation /plain/ { include " << root
            << "/nginx/snippets/fastcgi.conf; fastcgi_pass plain; }\nlocation /parked/ { include " << root
            << "/nginx/snippets/fastcgi.conf; fastcgi_keep_conn on; fastcgi_pass parked; }\n}\n}\n";
        out.close();
        servers_.push_back(
            std::make_unique<Background>(std::vector<std::string>{"/usr/sbin/nginx", "-c", conf}));
        for (int i = 0; i < 100; ++i) {
            const Finished probe =
                test::run({"curl", "-sf", "--noproxy", "*", url("/parked/x")}, test::clean_environment());
            if (probe.status == 0)
                return;
            usleep(50000);
        }
        throw std::runtime_error("the hello programs did not come up");
    }
    std::string url(const std::string& path) const {
        return "http://127.0.0.1:" + std::to_string(port_) + path;
    }

private:
    int port_;
    std::vector<std::unique_ptr<Background>> servers_;
};

double pgbench(const test::Stack& stack) {
    const std::string url = stack.setting("DATABASE_URL");
    const auto bench = [&](std::vector<std::string> arguments) {
        std::string program = "pgbench";
        for (const char* found : {"/usr/lib/postgresql/15/bin/pgbench", "/usr/bin/pgbench"})
            if (access(found, X_OK) == 0)
                program = found;
        arguments.insert(arguments.begin(), program);
        arguments.push_back(url);
        const Finished run = test::run(arguments, test::clean_environment());
        if (run.status != 0)
            throw std::runtime_error(run.all());
        return run.out;
    };
    stack.sql("create schema if not exists bench");
    bench({"-i", "-q", "-s", "5"});
    return number_in(bench({"-S", "-M", "prepared", "-c", "8", "-j", "2", "-T", "8"}),
                     "tps = ([0-9.]+) \\(without");
}

void measure_me(const test::Stack& stack, const std::string& objects) {
    const Ceilings ceilings(stack.folder(), objects);
    const double constant = load(ceilings.url("/constant")).per_second;
    const Rate plain = load(ceilings.url("/plain/x"));
    const Rate parked = load(ceilings.url("/parked/x"));
    const double select = pgbench(stack);
    const auto tokens = stack.sign_in("admin@acme.test", "demo-admin-1");
    const Rate me = load(stack.flow_url() + "/v1/me", {"Authorization: Bearer " + tokens.access_token});
    figure("nginx constant", fixed(constant, 0), "requests/s");
    figure("plain libfcgi hello, new connection per request", fixed(plain.per_second, 0), "requests/s");
    figure("  p99", plain.p99, "");
    figure("hello on our loop", fixed(parked.per_second, 0), "requests/s");
    figure("  p99", parked.p99, "");
    figure("pgbench -S -M prepared", fixed(select, 0), "transactions/s");
    figure("GET /v1/me", fixed(me.per_second, 0), "requests/s");
    figure("  p99", me.p99, "");
    figure("  ratio to the plain hello", fixed(me.per_second / plain.per_second, 2), "", ">= 0.80");
    figure("  ratio to the hello on our loop", fixed(me.per_second / parked.per_second, 2), "");
    figure("  ratio to pgbench -S", fixed(me.per_second / select, 2), "");
}

/// scaiflow-job-sync under `measure`: its JSON and what the process cost.
struct Sweep {
    scai::json::Value result;
    double wall = 0, cpu = 0, rss_mb = 0;
    double wal_mb = 0;
};

Sweep sweep(const test::Stack& stack, const std::string& objects, const test::Environment& extra) {
    test::Environment environment = test::clean_environment();
    environment["SCAIFLOW_ENV_FILE"] = stack.folder() + "/var/scaiflow.env";
    environment.insert(extra.begin(), extra.end());
    const std::string before = stack.sql("select pg_current_wal_insert_lsn()");
    const char* bin = std::getenv("SCAI_BIN");
    const Finished run =
        test::run({objects + "/bench/measure", std::string(bin ? bin : "build/bin") + "/scaiflow-job-sync",
                   "--json", "--force"},
                  environment, "", std::chrono::seconds(1200));
    auto parsed = scai::json::parse(run.out);
    if (run.status != 0 || !parsed)
        throw std::runtime_error("scaiflow-job-sync ended with " + std::to_string(run.status) + "\n" +
                                 run.all());
    Sweep out;
    out.result = *parsed;
    out.wall = number_in(run.err, "wall=([0-9.]+)");
    out.cpu = number_in(run.err, "cpu=([0-9.]+)");
    out.rss_mb = number_in(run.err, "rss_mb=([0-9.]+)");
    out.wal_mb = std::stod(
        stack.sql("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '" + before + "') / 1048576.0"));
    return out;
}

std::string count(const scai::json::Value& result, const char* key) {
    return std::to_string(result.get(key).integer().value_or(-1));
}

struct Size {
    std::string users = "100000", groups = "2000", memberships = "1000000";
};

void measure_sweeps(const test::Stack& stack, const std::string& objects, const Size& size) {
    const Finished loaded = stack.program(
        "scaikey-job-load",
        {"--generate", "users=" + size.users + ",groups=" + size.groups + ",memberships=" + size.memberships,
         "--assign", "ScaiFlow"});
    if (loaded.status != 0)
        throw std::runtime_error(loaded.all());
    const Sweep first = sweep(stack, objects, {});
    const std::string shape =
        size.users + " users, " + size.groups + " groups, " + size.memberships + " memberships";
    figure("full sweep over HTTP, first run (" + shape + ")", fixed(first.wall), "s");
    figure("  method, users, memberships seen",
           first.result.member("users_method") + ", " + count(first.result, "users_seen") + ", " +
               count(first.result, "memberships_seen"),
           "");
    figure("  upstream calls", count(first.result, "upstream_calls"), "");
    figure("  peak memory of the job", fixed(first.rss_mb), "MB", "< 300");
    const Sweep again = sweep(stack, objects, {});
    figure("the same unchanged", fixed(again.wall), "s");
    figure("  write-ahead log", fixed(again.wal_mb, 2), "MB", "< 1");
    figure("  rows added or removed",
           count(again.result, "users_added") + "/" + count(again.result, "memberships_added") + "/" +
               count(again.result, "memberships_soft_deleted"),
           "", "0/0/0");

    // The member walk: the application id of nobody makes effective-users answer 404.
    const test::Environment walk{{"SCAIFLOW_SCAIKEY_APPLICATION_ID", "app_nobody"}};
    const Sweep walked = sweep(stack, objects, walk);
    figure("member walk over HTTP", fixed(walked.wall), "s");
    figure("  method, upstream calls",
           walked.result.member("users_method") + ", " + count(walked.result, "upstream_calls"), "",
           "<= groups + extra pages + 5");
    figure("  peak memory of the job", fixed(walked.rss_mb), "MB", "< 300");

    const int port = test::free_port();
    const std::string target = stack.key_url().substr(stack.key_url().rfind(':') + 1);
    const Background proxy({objects + "/bench/delay_proxy", std::to_string(port), target, "5"});
    usleep(300000);
    test::Environment far = walk;
    const std::string base = "http://127.0.0.1:" + std::to_string(port);
    far["SCAIKEY_BASE_URL"] = base;
    far["SCAIKEY_TOKEN_URL"] = base + "/api/v1/platform/oauth/token";
    const Sweep slow = sweep(stack, objects, far);
    const double floor =
        static_cast<double>(slow.result.get("upstream_calls").integer().value_or(0)) * 0.005 / 8;
    figure("member walk with 5 ms added to every call", fixed(slow.wall), "s");
    figure("  ratio to calls x latency / parallelism, beyond the walk without latency",
           fixed((slow.wall - walked.wall) / floor, 2), "",
           "<= 2 (whole: " + fixed(slow.wall / floor, 2) + ")");
}

void measure_webhooks(const test::Stack& stack, const std::string& objects) {
    test::Environment environment = test::clean_environment();
    environment["WEBHOOK_SECRET"] = stack.setting("SCAIFLOW_SCAIKEY_WEBHOOK_SECRET");
    const std::string tenant = stack.sql("select id from scaiflow.tenants order by id limit 1");
    const Finished run = test::run(
        {objects + "/bench/webhook_load", stack.flow_url() + "/v1/webhooks/scaikey", tenant, "20000", "32"},
        environment);
    if (run.status != 0)
        throw std::runtime_error(run.all());
    figure("webhook events applied", fixed(number_in(run.out, "\t([0-9.]+)\t"), 0), "events/s");
}

void measure_memory(const test::Stack& stack) {
    for (const char* service :
         {"scaiflow-auth", "scaiflow-admin", "scaiflow-webhooks", "scaiflow-health", "scaikey"}) {
        std::ifstream status("/proc/" + std::to_string(stack.pid_of(service)) + "/status");
        const std::string text((std::istreambuf_iterator<char>(status)), {});
        figure(std::string("resident memory of ") + service,
               fixed(number_in(text, "VmRSS:\\s+([0-9]+)") / 1024.0), "MB", "< 30");
    }
}

} // namespace

int main(int argc, char** argv) {
    Size size;
    std::string only;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string flag = argv[i];
        if (flag == "--users")
            size.users = argv[i + 1];
        else if (flag == "--groups")
            size.groups = argv[i + 1];
        else if (flag == "--memberships")
            size.memberships = argv[i + 1];
        else if (flag == "--only")
            only = argv[i + 1];
        else
            return 64;
    }
    const auto wanted = [&](const char* part) { return only.empty() || only == part; };
    try {
        const std::string objects = std::filesystem::path(argv[0]).parent_path().parent_path();
        const test::Stack stack(test::Environment{{"SCAIFLOW_LOG_LEVEL", "warn"}});
        if (wanted("me"))
            measure_me(stack, objects);
        if (wanted("webhooks"))
            measure_webhooks(stack, objects);
        if (wanted("memory"))
            measure_memory(stack);
        if (wanted("sweep"))
            measure_sweeps(stack, objects, size);
        return 0;
    } catch (const std::exception& failure) {
        std::cerr << "bench: " << failure.what() << "\n";
        return 1;
    }
}
