// SPDX-License-Identifier: Apache-2.0
#include "lib/crypto/crypto.hpp"
#include "lib/scaivault/seal/key_cache.hpp"
#include "tests/support/fake_clock.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sstream>

namespace {

using scaivault::seal::KeyCache;
using scaivault::seal::KeyHandle;
using scaivault::seal::KeyPages;

bool holds(const KeyPages& pages, const std::string& key) {
    // All but the first bytes: a free place starts with the address of the next one.
    return pages.memory().find(std::string_view(key).substr(8)) != std::string_view::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaivault_seal_key_cache)

BOOST_AUTO_TEST_CASE(a_key_is_wiped_when_it_is_forgotten_too_old_or_replaced) {
    const scai::test::FakeClock fixed;
    scai::test::FakeClock clock;
    KeyCache cache(clock, std::chrono::seconds(60), 8);
    const std::string one = scai::crypto::random_bytes(32), two = scai::crypto::random_bytes(32);
    cache.put("a", "tenant", "t1", one);
    BOOST_TEST(holds(cache.pages(), one));
    BOOST_TEST((cache.find("a")->bytes == one));
    cache.put("a", "tenant", "t1", two);
    BOOST_TEST(!holds(cache.pages(), one));
    clock.advance(std::chrono::seconds(60));
    BOOST_TEST(!cache.find("a"));
    cache.sweep();
    BOOST_TEST(cache.size() == 0U);
    BOOST_TEST(!holds(cache.pages(), two));
    cache.put("a", "tenant", "t1", one);
    cache.forget();
    BOOST_TEST(!holds(cache.pages(), one));
}

BOOST_AUTO_TEST_CASE(a_key_in_use_outlives_the_cache_and_is_wiped_after) {
    const scai::test::FakeClock clock;
    KeyCache cache(clock, std::chrono::seconds(60), 8);
    const std::string key = scai::crypto::random_bytes(32);
    KeyHandle handle = cache.put("a", "tenant", "t1", key);
    cache.forget();
    BOOST_TEST((handle->bytes == key));
    handle.reset();
    BOOST_TEST(!holds(cache.pages(), key));
}

BOOST_AUTO_TEST_CASE(beyond_its_places_the_oldest_goes) {
    scai::test::FakeClock clock;
    KeyCache cache(clock, std::chrono::seconds(60), 4);
    for (int i = 0; i < 10; ++i) {
        cache.put("key" + std::to_string(i), "tenant", "t", scai::crypto::random_bytes(32));
        clock.advance(std::chrono::seconds(1));
    }
    BOOST_TEST(cache.size() == 4U);
    BOOST_TEST(!cache.find("key5"));
    BOOST_TEST(static_cast<bool>(cache.find("key6")));
    BOOST_CHECK_THROW(cache.put("short", "tenant", "t", "too short"), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(the_pages_are_left_out_of_dumps) {
    const scai::test::FakeClock clock;
    const KeyCache cache(clock, std::chrono::seconds(60), 1000);
    std::ostringstream address;
    address << std::hex << reinterpret_cast<std::uintptr_t>(cache.pages().memory().data());
    std::ifstream maps("/proc/self/smaps");
    bool here = false, found = false;
    for (std::string line; std::getline(maps, line);) {
        if (line.find('-') != std::string::npos && line.find(':') > line.find(' '))
            here = line.starts_with(address.str() + "-");
        if (here && line.starts_with("VmFlags:")) {
            found = true;
            BOOST_TEST(line.find(" dd") != std::string::npos); // MADV_DONTDUMP
        }
    }
    BOOST_TEST(found);
}

BOOST_AUTO_TEST_SUITE_END()
