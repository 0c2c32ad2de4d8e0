// The benchmark of the whole platform: starts a stack of its own, measures the ceilings of this machine
// first, then what the product makes of them, and prints one line a figure:
// "name<TAB>value<TAB>unit<TAB>goal". usage: platform [--users N --groups N --memberships N] [--only
// ceilings|me|sweep|webhooks|memory]   from the repository root SPDX-License-Identifier: Apache-2.0
#include "lib/base/strings.hpp"
#include "tests/support/bench.hpp"
#include "tests/support/process.hpp"
#include "tests/support/stack.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <unistd.h>

namespace {

using test::Background;
using test::Ceilings;
using test::figure;
using test::Finished;
using test::fixed;
using test::load;
using test::number_in;
using test::Rate;

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
    const Rate parked = load(ceilings.url("/parked/x"));
    const double select = pgbench(stack);
    const auto tokens = stack.sign_in("admin@acme.test", "demo-admin-1");
    Rate plain, me;
    constexpr int rounds = 3; // by turns, the last percentiles count: both see the same machine
    for (int i = 0; i < rounds; ++i) {
        for (auto* sum : {&plain, &me}) {
            const double before = sum->per_second;
            *sum = sum == &plain ? load(ceilings.url("/plain/x"), {}, 5)
                                 : load(stack.flow_url() + "/v1/me",
                                        {"Authorization: Bearer " + tokens.access_token}, 5);
            sum->per_second = before + sum->per_second / rounds;
        }
    }
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

/// CPU seconds of a process and of all below it, ended ones included.
double cpu_of(int pid) {
    const std::string folder = "/proc/" + std::to_string(pid);
    std::ifstream file(folder + "/stat");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) // gone meanwhile: its parent has it
        return 0;
    std::istringstream fields(text.substr(name_end + 1));
    std::string skipped;
    for (int i = 0; i < 11; ++i)
        fields >> skipped;
    double ticks = 0, one = 0;
    for (int i = 0; i < 4 && fields >> one; ++i) // utime, stime, cutime, cstime
        ticks += one;
    double seconds = ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
    std::ifstream children(folder + "/task/" + std::to_string(pid) + "/children");
    for (int child = 0; children >> child;)
        seconds += cpu_of(child);
    return seconds;
}

/// Of the services that a sweep keeps busy.
std::vector<double> cpu_of_services(const test::Stack& stack) {
    std::vector<double> out;
    for (const char* service : {"nginx", "scaikey", "postgres"})
        out.push_back(cpu_of(stack.pid_of(service)));
    return out;
}

/// scaiflow-job-sync under `measure`: its JSON and what the process cost.
struct Sweep {
    scai::json::Value result;
    double wall = 0, cpu = 0, rss_mb = 0;
    double wal_mb = 0;
    std::vector<double> services; ///< CPU seconds of nginx, scaikey and PostgreSQL meanwhile
};

Sweep sweep(const test::Stack& stack, const std::string& objects, const test::Environment& extra) {
    test::Environment environment = test::clean_environment();
    environment["SCAIFLOW_ENV_FILE"] = stack.folder() + "/var/scaiflow.env";
    environment.insert(extra.begin(), extra.end());
    const std::string before = stack.sql("select pg_current_wal_insert_lsn()");
    const auto idle = cpu_of_services(stack);
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
    out.services = cpu_of_services(stack);
    std::transform(out.services.begin(), out.services.end(), idle.begin(), out.services.begin(),
                   std::minus<>());
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
    // What autovacuum writes about the new rows within the next minutes is not the sweep's.
    stack.sql("VACUUM ANALYZE");
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

    const auto a_call = [&](double seconds) {
        return fixed(seconds * 1000 /
                         static_cast<double>(walked.result.get("upstream_calls").integer().value_or(1)),
                     2);
    };
    figure("  CPU a call: job, nginx, scaikey, PostgreSQL of both",
           a_call(walked.cpu) + " " + a_call(walked.services[0]) + " " + a_call(walked.services[1]) + " " +
               a_call(walked.services[2]),
           "ms");

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
        test::stop_cron(stack);
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
