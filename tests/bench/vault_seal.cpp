// Envelope encryption with cached keys, one thread: what a read and a write of a secret pay for it.
// SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.hpp"
#include "lib/scaivault/seal/keyring.hpp"
#include "tests/support/bench.hpp"
#include "tests/support/fake_kms.hpp"
#include "tests/support/postgres.hpp"

#include <ctime>
#include <functional>
#include <string>

namespace {

/// CPU microseconds of one call.
double microseconds(const std::function<void()>& call) {
    const auto cpu = [] {
        timespec now{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
    };
    constexpr int rounds = 50'000;
    call();
    const double before = cpu();
    for (int i = 0; i < rounds; ++i)
        call();
    return (cpu() - before) / rounds;
}

void row(const std::string& name, double each, const std::string& goal) {
    test::figure(name + ", CPU", test::fixed(each, 2), "us", goal);
    test::figure(name + ", a thread", test::fixed(1e6 / each, 0), "1/s");
}

} // namespace

int main() {
    const test::Database db = test::migrated_database("scaivault");
    scai::db::Pool pool(db.settings("scaivault_secrets"));
    const scai::SystemClock clock;
    test::FakeKms kms;
    scaivault::seal::Keyring keyring(pool, kms, clock);
    const scaivault::seal::Place place{.tenant_id = "tnt_bench",
                                       .partner_id = "prt_bench",
                                       .secret_id = "sec_0123456789abcdef",
                                       .path = "environments/production/database/primary",
                                       .version = 7};
    const std::string value(1024, 'x');
    const auto sealed = keyring.seal(place, value).value();
    row("vault: seal 1 KB", microseconds([&] { (void)keyring.seal(place, value).value(); }), "");
    row("vault: open 1 KB", microseconds([&] { (void)keyring.open(place, sealed).value(); }), "< 5");
    return 0;
}
