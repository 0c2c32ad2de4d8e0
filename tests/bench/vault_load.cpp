// vault_load: what the group `secrets` of ScaiVault does in a stack of its own, next to the ceiling of the
// same run: token, policy, decryption and durable audit row included. Prints a line a figure, as platform
// does. usage: vault_load   from the repository root SPDX-License-Identifier: Apache-2.0
#include "lib/http/client.hpp"
#include "lib/json/value.hpp"
#include "tests/support/bench.hpp"
#include "tests/support/stack.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <thread>

namespace {

using test::figure;
using test::fixed;

constexpr auto tenant = "tnt_demoacme";
constexpr int many_secrets = 1'000'000, many_policies = 100'000;
constexpr int page_size = 100, far_page = 1000;

std::string value(std::size_t size) {
    return R"({"data":{"k":")" + std::string(size, 'x') + R"("}})";
}

/// One request; anything but 2xx fails the benchmark.
scai::json::Value call(const test::Stack& stack, const std::string& method, const std::string& path,
                       const std::pair<std::string, std::string>& bearer, const std::string& body = "") {
    test::Stack::Headers headers{bearer};
    if (!body.empty())
        headers.emplace_back("Content-Type", "application/json");
    const auto answer = stack.send(method, stack.vault_url() + path, body, headers);
    if (answer.status / 100 != 2)
        throw std::runtime_error(method + " " + path + ": " + std::to_string(answer.status) + " " +
                                 answer.body);
    return scai::json::parse(answer.body).value();
}

/// The service account may everything below bench/, by a policy of its own among many others.
void allow(const test::Stack& stack, const std::string& identity) {
    const std::string rule =
        R"([{"path_pattern":"bench/**","permissions":["read","write","delete","list"]}])";
    stack.sql("INSERT INTO scaivault.policies (tenant_id, id, name, rules, created_by) VALUES ('" +
              std::string(tenant) + "', 'pol_bench', 'bench', '" + rule + "', 'bench')");
    stack.sql("INSERT INTO scaivault.policy_bindings (tenant_id, id, policy_id, identity_type, identity_id, "
              "created_by) VALUES ('" +
              std::string(tenant) + "', 'bnd_bench', 'pol_bench', 'service_account', '" + identity +
              "', 'bench')");
    stack.sql("INSERT INTO scaivault.policy_generations (tenant_id) VALUES ('" + std::string(tenant) +
              "') ON CONFLICT (tenant_id) DO UPDATE SET generation = policy_generations.generation + 1");
}

void fill_secrets(const test::Stack& stack) {
    stack.sql("INSERT INTO scaivault.secrets (tenant_id, path, secret_id, version, created_by, updated_by) "
              "SELECT '" +
              std::string(tenant) +
              "', 'bench/many/' || lpad(i::text, 8, '0'), 'sec_bench' || i, 1, 'bench', 'bench' FROM "
              "generate_series(1, " +
              std::to_string(many_secrets) + ") AS i");
    stack.sql("VACUUM ANALYZE scaivault.secrets");
}

void fill_policies(const test::Stack& stack) {
    stack.sql(
        "INSERT INTO scaivault.policies (tenant_id, id, name, rules, created_by) SELECT '" +
        std::string(tenant) +
        "', 'pol_b' || i, 'b' || i, jsonb_build_array(jsonb_build_object('path_pattern', 'apps/a' || i || "
        "'/**', 'permissions', jsonb_build_array('read'))), 'bench' FROM generate_series(1, " +
        std::to_string(many_policies) + ") AS i");
    stack.sql("INSERT INTO scaivault.policy_bindings (tenant_id, id, policy_id, identity_type, identity_id, "
              "created_by) SELECT '" +
              std::string(tenant) +
              "', 'bnd_b' || i, 'pol_b' || i, 'service_account', 'sa:other' || i, 'bench' FROM "
              "generate_series(1, " +
              std::to_string(many_policies) + ") AS i");
    stack.sql("UPDATE scaivault.policy_generations SET generation = generation + 1");
    stack.sql("VACUUM ANALYZE scaivault.policies");
    stack.sql("VACUUM ANALYZE scaivault.policy_bindings");
}

/// The stack gives no LOG_LEVEL of its caller to ScaiVault: other programs have one of that name.
void log_warnings_only(const test::Stack& stack) {
    std::ofstream(stack.folder() + "/var/scaivault.env", std::ios::app) << "LOG_LEVEL=warn\n";
    stack.service("restart", "scaivault-secrets");
    if (!test::eventually([&] { return stack.send("GET", stack.vault_url() + "/v1/secrets").status == 401; }))
        throw std::runtime_error("scaivault-secrets did not come back");
}

double select_ceiling(const test::Stack& stack) {
    std::string program = "pgbench";
    for (const char* found : {"/usr/lib/postgresql/15/bin/pgbench", "/usr/bin/pgbench"})
        if (std::filesystem::exists(found))
            program = found;
    const std::string url = stack.setting("DATABASE_URL");
    const auto bench = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), program);
        arguments.push_back(url);
        const auto run = test::run(arguments, test::clean_environment());
        if (run.status != 0)
            throw std::runtime_error(run.all());
        return run.out;
    };
    stack.sql("create schema if not exists bench");
    bench({"-i", "-q", "-s", "5"});
    return test::number_in(bench({"-S", "-M", "prepared", "-c", "8", "-j", "2", "-T", "5"}),
                           "tps = ([0-9.]+) \\(without");
}

void measure_reads(const test::Stack& stack, const std::string& objects, const std::string& header) {
    const test::Ceilings ceilings(stack.folder(), objects);
    double plain = 0, got = 0;
    test::Rate last;
    constexpr int rounds = 2; // by turns: both see the same machine
    for (int i = 0; i < rounds; ++i) {
        plain += test::load(ceilings.url("/plain/x"), {}, 5).per_second / rounds;
        last = test::load(stack.vault_url() + "/v1/secrets/bench/one", {header}, 5);
        got += last.per_second / rounds;
    }
    const double select = select_ceiling(stack);
    figure("plain libfcgi hello, new connection per request", fixed(plain, 0), "requests/s");
    figure("GET /v1/secrets/{path}, 1 KB, 64 callers: token, policy, decryption, durable audit",
           fixed(got, 0), "requests/s");
    figure("  p50, p99", last.p50 + ", " + last.p99, "", "p99 < 10 ms");
    figure("  ratio to the plain hello", fixed(got / plain, 2), "", ">= 0.25");
    figure("  ratio to pgbench -S", fixed(got / select, 2), "");
    // Fewer callers tell what a read takes from what it waits for others.
    for (const int callers : {8, 2}) {
        const auto few = test::load(stack.vault_url() + "/v1/secrets/bench/one", {header}, 4, callers);
        figure("  the same, " + std::to_string(callers) + " callers", fixed(few.per_second, 0), "requests/s");
        figure("    p50, p99", few.p50 + ", " + few.p99, "", "p99 < 10 ms");
    }
}

/// `count` requests, 16 at a time; requests a second.
double many(int count, const std::function<scai::http::Request(int)>& make) {
    const auto fleet = scai::http::make_curl_fleet(16);
    std::string trouble;
    const auto started = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i)
        fleet->add(make(i), [&](scai::Result<scai::http::Response> answer) {
            if (!answer)
                trouble = answer.error().message;
            else if (answer->status / 100 != 2)
                trouble = std::to_string(answer->status) + " " + answer->body;
        });
    fleet->run();
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
    if (!trouble.empty())
        throw std::runtime_error("load: " + trouble);
    return count / wall.count();
}

/// wrk's script that writes a version of one of 5,000 secrets after the other, at random.
std::string write_script(const test::Stack& stack) {
    std::string path = stack.folder() + "/write.lua";
    std::ofstream(path) << "function init() math.randomseed(os.time()) end\n"
                           "local body = [=["
                        << value(1024)
                        << "]=]\nfunction request()\n  return wrk.format('PUT', '/v1/secrets/bench/w' .. "
                           "math.random(0, 4999), nil, body)\nend\n";
    return path;
}

void measure_writes(const test::Stack& stack, const std::string& header) {
    const std::string type = "Content-Type: application/json";
    const auto script = write_script(stack);
    for (const int callers : {64, 8}) {
        const auto written = test::load(stack.vault_url() + "/", {header, type}, 6, callers, script);
        figure("PUT /v1/secrets/{path}, 1 KB, a version, " + std::to_string(callers) + " callers",
               fixed(written.per_second, 0), "versions/s", ">= 800");
        figure("  p50, p99", written.p50 + ", " + written.p99, "", "p99 < 30 ms");
    }
}

void measure_batches(const test::Stack& stack, const std::pair<std::string, std::string>& bearer) {
    scai::http::Request request;
    request.url = stack.vault_url();
    request.headers = {bearer, {"Content-Type", "application/json"}};
    std::string paths;
    for (int i = 0; i < 100; ++i) {
        const std::string path = "bench/b" + std::to_string(i);
        call(stack, "PUT", "/v1/secrets/" + path, bearer, value(1024));
        paths += (i > 0 ? ",\"" : "\"") + path + "\"";
    }
    request.method = "POST";
    request.url += "/v1/secrets/batch";
    request.body = R"({"paths":[)" + paths + "]}";
    figure("POST /v1/secrets/batch, 100 secrets of 1 KB", fixed(many(300, [&](int) { return request; }), 0),
           "requests/s");
}

/// The path of that page, reached as a client does: cursor by cursor.
std::string page(const test::Stack& stack, const std::pair<std::string, std::string>& bearer, int number) {
    const std::string first = "/v1/secrets?prefix=bench/many/&limit=" + std::to_string(page_size);
    std::string path = first;
    for (int i = 1; i < number; ++i)
        path = first + "&cursor=" + call(stack, "GET", path, bearer).member("cursor");
    return path;
}

void measure_lists(const test::Stack& stack, const std::pair<std::string, std::string>& bearer,
                   const std::string& header) {
    const std::string shape = ", " + std::to_string(page_size) + " of 1,000,000 secrets";
    const auto near = page(stack, bearer, 1), far = page(stack, bearer, far_page);
    double first = 0, thousandth = 0;
    constexpr int rounds = 3;
    for (int i = 0; i < rounds; ++i) {
        first += test::load(stack.vault_url() + near, {header}, 3, 8).per_second / rounds;
        thousandth += test::load(stack.vault_url() + far, {header}, 3, 8).per_second / rounds;
    }
    figure("GET /v1/secrets, page 1" + shape, fixed(first, 0), "requests/s");
    figure("GET /v1/secrets, page 1000" + shape, fixed(thousandth, 0), "requests/s");
    figure("  page 1000 to page 1", fixed(thousandth / first, 2), "", "0.90 .. 1.10");
}

long resident_kilobytes(int pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:"))
            return static_cast<long>(test::number_in(line, "([0-9]+)"));
    return 0;
}

void measure_start(const test::Stack& stack, const std::pair<std::string, std::string>& bearer) {
    constexpr auto service = "scaivault-secrets";
    const int before = stack.pid_of(service);
    stack.service("restart", service);
    const auto started = std::chrono::steady_clock::now();
    const auto limit = started + std::chrono::seconds(30);
    for (;;) {
        const auto answer = stack.send("GET", stack.vault_url() + "/v1/secrets/bench/one", "", {bearer});
        if (answer.status == 200 && stack.pid_of(service) != before)
            break;
        if (std::chrono::steady_clock::now() > limit)
            throw std::runtime_error("scaivault-secrets did not come back: " + answer.body);
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
    figure("restart to the first read, 1,000,000 secrets and 100,000 policies", fixed(wall.count(), 2), "s",
           "< 1");
}

} // namespace

int main(int, char** argv) {
    try {
        const std::string objects = std::filesystem::path(argv[0]).parent_path().parent_path();
        const test::Stack stack(test::Environment{{"RATE_LIMIT_SECRETS_READ", "0"},
                                                  {"RATE_LIMIT_SECRETS_WRITE", "0"},
                                                  {"RATE_LIMIT_SECRETS_LIST", "0"},
                                                  {"RATE_LIMIT_BATCH_READ", "0"}});
        test::stop_cron(stack);
        log_warnings_only(stack);
        const auto bearer = test::bearer(stack.vault_service_token());
        const std::string header = bearer.first + ": " + bearer.second;
        allow(stack, call(stack, "GET", "/v1/auth/whoami", bearer).member("identity"));
        call(stack, "PUT", "/v1/secrets/bench/one", bearer, value(1024));
        measure_reads(stack, objects, header);
        measure_writes(stack, header);
        measure_batches(stack, bearer);
        const auto megabytes = [&] {
            return fixed(static_cast<double>(resident_kilobytes(stack.pid_of("scaivault-secrets"))) / 1024);
        };
        figure("  memory of the process at its end", megabytes(), "MB");
        std::this_thread::sleep_for(std::chrono::seconds(12)); // what is unused goes back every ten seconds
        figure("  memory of the process soon after it", megabytes(), "MB", "< 30");
        fill_secrets(stack);
        measure_lists(stack, bearer, header);
        fill_policies(stack);
        measure_start(stack, bearer);
        return 0;
    } catch (const std::exception& failure) {
        std::cerr << "bench: " << failure.what() << "\n";
        return 1;
    }
}
