// grid_runs: what the embedded ScaiGrid does for runs: calls of a small Core, and reads of the event feed,
// without HTTP in between. The database is a scratch one that does not wait for the disk. usage: grid_runs
// from the repository root. SPDX-License-Identifier: Apache-2.0
#include "tests/support/grid_runs.hpp"
#include "lib/scaigrid/events/events.hpp"
#include "tests/support/bench.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <iostream>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds length{3};

/// How often a second, by so many callers at once.
double per_second(int callers, const std::function<bool()>& work) {
    std::atomic<std::int64_t> done = 0;
    const auto start = Clock::now();
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < callers; ++i)
            threads.emplace_back([&] {
                while (Clock::now() - start < length && work())
                    ++done;
            });
    }
    const std::chrono::duration<double> took = Clock::now() - start;
    return static_cast<double>(done) / took.count();
}

} // namespace

int main() {
    try {
        test::GridApi api;
        test::put_core(api, "[{'kind': 'rigid', 'node_id': 'node_a', 'result_binding': 'said', 'statements': "
                            "[{'kind': 'expression', 'expression': '`Hello ` + input.name'}]}]");
        const auto run = [&] {
            const auto answer = test::run_core(api, "{'name': 'Ada'}");
            return answer && answer->member("status") == "COMPLETED";
        };
        for (const int callers : {1, 4})
            test::figure("runs of a small Core, " + std::to_string(callers) + " at once",
                         test::fixed(per_second(callers, run), 0), "runs/s");
        const auto read = [&] {
            const auto page = scaigrid::events::read(api.context().pool, "tnt_a",
                                                     {.core_id = "", .after = 0, .limit = 500});
            return page.count > 0;
        };
        test::figure("events read in pages of 500, 1 reader", test::fixed(500 * per_second(1, read), 0),
                     "events/s");
        return 0;
    } catch (const std::exception& failure) {
        std::cerr << "bench: " << failure.what() << "\n";
        return 1;
    }
}
