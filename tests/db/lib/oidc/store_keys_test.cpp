// The shared JWKS row. SPDX-License-Identifier: Apache-2.0
#include "lib/oidc/store_keys.hpp"

#include "tests/support/fake_clock.hpp"
#include "tests/support/postgres.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>
#include <vector>

namespace db = scai::db;
namespace oidc = scai::oidc;
using std::chrono::seconds;

namespace {

struct Store {
    test::Database database = test::migrated_database("scaiflow");
    db::Pool pool{database.settings("scaiflow_auth", 8)};
    std::unique_ptr<oidc::KeyStore> store = oidc::make_database_key_store(pool, "scaiflow");
    scai::test::FakeClock clock;
    const std::string url = "https://id.example/jwks.json";
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(lib_oidc_store_keys, Store)

BOOST_AUTO_TEST_CASE(saved_document_comes_back_with_its_times) {
    BOOST_TEST(!store->load(url));
    clock.advance(std::chrono::microseconds(123456));
    store->save(url, "{\"keys\":[]}", clock.now());
    const auto row = store->load(url);
    BOOST_REQUIRE(row);
    BOOST_TEST(row->document == "{\"keys\":[]}");
    BOOST_TEST((row->fetched_at == clock.now()));
    BOOST_TEST((row->attempted_at == scai::UtcTime{})); // claims alone move it
    BOOST_TEST(!store->load("https://other.example"));
}

BOOST_AUTO_TEST_CASE(only_one_of_many_may_fetch_within_the_cooldown) {
    std::atomic<int> winners{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] { winners += store->claim(url, clock.now(), seconds(30)) ? 1 : 0; });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(winners == 1);
    clock.advance(seconds(29));
    BOOST_TEST(!store->claim(url, clock.now(), seconds(30)));
    clock.advance(seconds(1));
    BOOST_TEST(store->claim(url, clock.now(), seconds(30)));
    BOOST_TEST(!store->claim(url, clock.now(), seconds(30)));
}

BOOST_AUTO_TEST_CASE(claim_keeps_the_document_and_a_clock_stepped_back_does_not_block) {
    store->save(url, "doc", clock.now());
    const auto before = clock.now();
    BOOST_TEST(store->claim(url, before, seconds(30)));
    BOOST_TEST(store->claim(url, before - seconds(86400), seconds(30)));
    BOOST_TEST(store->load(url)->document == "doc");
    BOOST_TEST((store->load(url)->fetched_at == before));
}

BOOST_AUTO_TEST_SUITE_END()
