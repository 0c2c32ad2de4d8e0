// flows_load: what the group `flows` does in a stack of its own, next to the ceiling of the same run.
// Prints a line a figure, as platform does. usage: flows_load   from the repository root
// SPDX-License-Identifier: Apache-2.0
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

namespace {

using scai::json::Value;
using test::figure;
using test::fixed;

constexpr int page_size = 50;
constexpr int far_page = 1000;
constexpr int flows = 100'000;
constexpr int between_large = 30; // a multiple of the 3 of the group's rows

/// A flow's content of about that size, as an editor writes it: many nodes, few words each.
std::string content(std::size_t size, int variant = 0) {
    std::string out = R"({"name":"Bench )" + std::to_string(variant) + R"(","nodes":[)";
    for (int i = 0; out.size() < size; ++i)
        out += std::string(i == 0 ? "" : ",") + R"({"id":"n)" + std::to_string(i) +
               R"(","type":"transform","position":{"x":120,"y":340},"config":{"expression":"input.total * )" +
               std::to_string(i + variant) + R"( + 0.25"}})";
    return out + R"(],"edges":[]})";
}

/// 100,000 live flows of the demo tenant, of which `reader` sees most and in every way: a group's row, his
/// own row, his own flows. Every `between_large` has 20 KB, and a group of his may view it; the others are
/// small.
void fill(const test::Stack& stack, const std::string& reader) {
    stack.sql(
        "INSERT INTO scaiflow.flows (tenant_id, id, name, owner_id, version, created_by, updated_by, "
        "created_at, updated_at) SELECT 'tnt_demoacme', 'flow_bench' || i, 'Bench ' || i, o, '1.0.0', o, "
        "o, t, t FROM generate_series(0, " +
        std::to_string(flows) + ") i CROSS JOIN LATERAL (SELECT CASE WHEN i % 10 = 5 THEN '" + reader +
        "' ELSE 'usr_demoadmin' END AS o, timestamptz '2026-01-01' + i * interval '1 minute' AS t) AS x");
    stack.sql(
        "INSERT INTO scaiflow.flow_versions (tenant_id, flow_id, number, version, content, "
        "content_sha256, created_by) SELECT tenant_id, id, 1, version, c, "
        "encode(sha256(convert_to(c, 'UTF8')), 'hex'), created_by FROM scaiflow.flows CROSS JOIN LATERAL "
        "(SELECT CASE WHEN substr(id, 11)::int % " +
        std::to_string(between_large) + " = 0 THEN '" + content(20000) +
        "' ELSE '{\"nodes\":[],\"edges\":[]}' END AS c) AS x WHERE id LIKE 'flow_bench%'");
    stack.sql(
        "INSERT INTO scaiflow.flow_acls (tenant_id, id, flow_id, principal_type, principal_id, level, "
        "granted_by, listed_at) SELECT f.tenant_id, 'acl_' || f.id || x.k, f.id, x.type, x.who, x.level, "
        "'usr_demoadmin', f.updated_at FROM scaiflow.flows f CROSS JOIN LATERAL (VALUES "
        "(1, 'group', 'grp_demoops', 1, 0, 3), (2, 'group', 'grp_demostaff', 2, 2, 5), "
        "(3, 'user', '" +
        reader +
        "', 3, 4, 7), (4, 'user', 'usr_demodag', 4, 1, 2)) AS x(k, type, who, level, rest, every) "
        "WHERE f.id LIKE 'flow_bench%' AND substr(f.id, 11)::int % x.every = x.rest % x.every");
    stack.sql("VACUUM (ANALYZE) scaiflow.flows");
    stack.sql("VACUUM (ANALYZE) scaiflow.flow_versions");
    stack.sql("VACUUM (ANALYZE) scaiflow.flow_acls");
}

/// wrk's script that reads one of the first `count` large flows after the other, at random.
std::string read_many(const test::Stack& stack, int count) {
    const std::string path = stack.folder() + "/read-" + std::to_string(count) + ".lua";
    std::ofstream(path) << "function init() math.randomseed(os.time()) end\n"
                           "function request()\n  return wrk.format('GET', '/v1/flows/flow_bench' .. "
                           "math.random(0, "
                        << count - 1 << ") * " << between_large << ")\nend\n";
    return path;
}

void rate(const std::string& name, const test::Rate& measured, const std::string& goal = "") {
    figure(name, fixed(measured.per_second, 0), "requests/s");
    figure("  p50, p99", measured.p50 + ", " + measured.p99, "", goal);
}

/// The path of that page, reached as a client does: cursor by cursor.
std::string page(const test::Stack& stack, const std::pair<std::string, std::string>& bearer, int number) {
    const std::string first = "/v1/flows?limit=" + std::to_string(page_size);
    std::string path = first;
    for (int i = 1; i < number; ++i) {
        const auto answer = stack.get(path, {bearer});
        const auto body = scai::json::parse(answer.body);
        if (answer.status != 200 || !body || !body->get("next_cursor").present() ||
            body->get("next_cursor").is_null())
            throw std::runtime_error("page " + std::to_string(i) +
                                     " of the flows: " + answer.body.substr(0, 400));
        path = first + "&cursor=" + body->member("next_cursor");
    }
    return path;
}

/// `count` requests, 16 at a time; anything but 2xx fails the benchmark. Requests a second.
double writes(int count, const std::function<scai::http::Request(int)>& make) {
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
        throw std::runtime_error("writing flows: " + trouble);
    return count / wall.count();
}

void measure_writes(const test::Stack& stack, const std::string& token) {
    const auto request = [&](const std::string& method, const std::string& path, const std::string& body) {
        scai::http::Request out;
        out.method = method;
        out.url = stack.flow_url() + path;
        out.headers = {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}};
        out.body = body;
        return out;
    };
    const auto flow = [](int i) {
        return R"({"name":"Load )" + std::to_string(i) + R"(","content":)" + content(20000, i) + "}";
    };
    constexpr int count = 2000;
    figure("POST /v1/flows, 20 KB",
           fixed(writes(count, [&](int i) { return request("POST", "/v1/flows", flow(i)); }), 0), "flows/s");
    constexpr int edited = 200; // flows that are saved again and again, as people do
    figure("PUT /v1/flows/{id}, 20 KB, new version",
           fixed(writes(count,
                        [&](int i) {
                            return request(
                                "PUT", "/v1/flows/flow_bench" + std::to_string(i % edited * 10 + 5), flow(i));
                        }),
                 0),
           "versions/s");
}

} // namespace

int main(int, char** argv) {
    try {
        const std::string objects = std::filesystem::path(argv[0]).parent_path().parent_path();
        const test::Stack stack(test::Environment{{"SCAIFLOW_LOG_LEVEL", "warn"}});
        test::stop_cron(stack);
        const auto person = test::demo_member();
        const auto tokens = stack.sign_in(person.email, person.password);
        const auto bearer = test::bearer(tokens.access_token);
        const std::string header = bearer.first + ": " + bearer.second;
        fill(stack, "usr_demobo");
        {
            const test::Ceilings ceilings(stack.folder(), objects);
            double plain = 0, got = 0;
            test::Rate last;
            constexpr int rounds = 2; // by turns: both see the same machine
            for (int i = 0; i < rounds; ++i) {
                plain += test::load(ceilings.url("/plain/x"), {}, 5).per_second / rounds;
                last = test::load(stack.flow_url() + "/v1/flows/flow_bench0", {header}, 5);
                got += last.per_second / rounds;
            }
            figure("plain libfcgi hello, new connection per request", fixed(plain, 0), "requests/s");
            figure("GET /v1/flows/{id}, 20 KB, group access", fixed(got, 0), "requests/s");
            figure("  p50, p99", last.p50 + ", " + last.p99, "");
            figure("  ratio to the plain hello", fixed(got / plain, 2), "", ">= 0.50");
            for (const int count : {300, flows / between_large}) { // all of them remembered; few of them
                const auto many = test::load(stack.flow_url() + "/v1/flows/flow_bench0", {header}, 5, 64,
                                             read_many(stack, count));
                rate("GET /v1/flows/{id}, 20 KB, group access, " + std::to_string(count) + " flows", many);
                figure("  ratio to the plain hello", fixed(many.per_second / plain, 2), "");
            }
        }
        const std::string shape = ", " + std::to_string(page_size) + " of 100,000 flows, ";
        for (const int number : {1, far_page}) {
            const auto url = stack.flow_url() + page(stack, bearer, number);
            const auto name = "GET /v1/flows, page " + std::to_string(number) + shape;
            // As many callers as cores: what a call takes. More of them only queue.
            rate(name + "2 callers", test::load(url, {header}, 5, 2), "p99 < 10 ms");
            rate(name + "8 callers", test::load(url, {header}, 5, 8));
        }
        measure_writes(stack, tokens.access_token);
        return 0;
    } catch (const std::exception& failure) {
        std::cerr << "bench: " << failure.what() << "\n";
        return 1;
    }
}
