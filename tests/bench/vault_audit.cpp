// The audit journal: durable rows a second by number of threads, and the commit a row alone costs. One line a
// figure. Argument: seconds a measurement (2). SPDX-License-Identifier: Apache-2.0
#include "lib/scaivault/audit/journal.hpp"
#include "tests/support/bench.hpp"
#include "tests/support/postgres.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

using namespace scaivault;
using Steady = std::chrono::steady_clock;

audit::Entry entry() {
    audit::Entry out;
    out.tenant_id = "tnt_bench";
    out.action = "read";
    out.identity_type = "service_account";
    out.identity_id = "sa:batcher";
    out.secret_path = "apps/bench/database/password";
    out.source_ip = "10.1.0.9";
    out.user_agent = "scaivault-python/1.4.2";
    out.request_id = "req_0123456789abcdefghij";
    out.duration_ms = 2;
    return out;
}

/// Calls `work` in `threads` threads for `seconds`.
template<class Work>
void measure(const std::string& name, int threads, double seconds, Work work) {
    std::atomic<bool> stop = false;
    std::vector<std::vector<double>> times(static_cast<std::size_t>(threads));
    std::vector<std::thread> running;
    const auto start = Steady::now();
    for (auto& mine : times)
        running.emplace_back([&stop, &mine, &work] {
            while (!stop) {
                const auto begin = Steady::now();
                work();
                mine.push_back(std::chrono::duration<double, std::milli>(Steady::now() - begin).count());
            }
        });
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    stop = true;
    for (auto& thread : running)
        thread.join();
    const double took = std::chrono::duration<double>(Steady::now() - start).count();
    std::vector<double> all;
    for (const auto& mine : times)
        all.insert(all.end(), mine.begin(), mine.end());
    std::sort(all.begin(), all.end());
    test::figure(name, test::fixed(static_cast<double>(all.size()) / took, 0), "rows/s");
    if (!all.empty())
        test::figure(name + ", p99", test::fixed(all[all.size() * 99 / 100], 2), "ms");
}

} // namespace

int main(int argc, char** argv) {
    const double seconds = argc > 1 ? std::atof(argv[1]) : 2;
    const auto database = test::migrated_database("scaivault");
    // The cluster of the tests does not wait for the disk; a trail does.
    database.sql("ALTER SYSTEM SET fsync = on");
    database.sql("SELECT pg_reload_conf()");
    scai::db::Pool pool(database.settings("scaivault_secrets", 8));
    audit::Journal journal(pool);
    const auto row = entry();
    for (int threads : {1, 2, 8, 16, 32})
        measure("audit journal, " + std::to_string(threads) + " threads", threads, seconds,
                [&] { journal.append(row); });
    measure("audit row in a transaction of its own, 8 threads", 8, seconds, [&] {
        scai::db::in_tx(pool, scai::db::Scope::tenant(row.tenant_id),
                        [&](scai::db::Tx& tx) { audit::write(tx, row); });
    });
    return 0;
}
