// SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/grid/circuit_breaker.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace std::chrono_literals;
using scai::Error;
using scai::ErrorKind;
using scaiflow::grid::CircuitBreaker;

namespace {

const Error timeout{.kind = ErrorKind::timeout, .code = "upstream_timeout", .message = "late"};
const Error refused{.kind = ErrorKind::upstream, .code = "upstream_error", .message = "status 500"};

struct Fixture {
    Fixture() {
        for (int i = 0; i < CircuitBreaker::failures_to_open; ++i)
            breaker.note("a", now, &timeout);
    }
    CircuitBreaker breaker{2};
    scai::UtcTime now{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
};

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_grid_circuit_breaker)

BOOST_AUTO_TEST_CASE(so_many_calls_of_a_circuit_wait_and_no_more) {
    CircuitBreaker breaker(2);
    auto first = breaker.enter("a");
    {
        const auto second = breaker.enter("a");
        const auto third = breaker.enter("a");
        BOOST_TEST_REQUIRE(!third);
        BOOST_TEST(third.error().code == "scaigrid_busy");
        BOOST_TEST((third.error().kind == ErrorKind::unavailable));
        BOOST_TEST(third.error().retry_after_seconds.value_or(0) == 1);
        BOOST_TEST(bool(breaker.enter("b")));
    }
    const auto moved = std::move(first);
    const auto again = breaker.enter("a");
    BOOST_TEST(bool(again));
    BOOST_TEST(!breaker.enter("a"));
}

BOOST_AUTO_TEST_CASE(a_place_is_the_least_there_is) {
    CircuitBreaker breaker(0);
    const auto only = breaker.enter("a");
    BOOST_TEST(bool(only));
    BOOST_TEST(!breaker.enter("a"));
}

BOOST_FIXTURE_TEST_CASE(after_failures_in_a_row_nobody_waits, Fixture) {
    const auto error = breaker.refusal("a", now + 1s);
    BOOST_TEST_REQUIRE(error.has_value());
    BOOST_TEST(error->code == "upstream_timeout");
    BOOST_TEST((error->kind == ErrorKind::timeout));
    BOOST_TEST(error->message == "late (the last 5 calls failed; the next is made in 4 s)");
    BOOST_TEST(error->retry_after_seconds.value_or(0) == 4);
    BOOST_TEST(!breaker.refusal("b", now));
}

BOOST_FIXTURE_TEST_CASE(after_the_pause_one_goes_first, Fixture) {
    now += CircuitBreaker::pause;
    BOOST_TEST(!breaker.refusal("a", now));
    BOOST_TEST(breaker.refusal("a", now).has_value());
    breaker.note("a", now + 1s, &timeout);
    BOOST_TEST(breaker.refusal("a", now + 2s).has_value());
    // Should he never come back, another one goes a pause later.
    now += 1s + CircuitBreaker::pause;
    BOOST_TEST(!breaker.refusal("a", now));
    BOOST_TEST(!breaker.refusal("a", now + CircuitBreaker::pause));
}

BOOST_FIXTURE_TEST_CASE(any_answer_opens_the_way_again, Fixture) {
    breaker.note("a", now, nullptr);
    BOOST_TEST(!breaker.refusal("a", now));
}

BOOST_AUTO_TEST_CASE(a_refusal_is_an_answer) {
    CircuitBreaker breaker(2);
    const scai::UtcTime now{};
    for (int i = 0; i < 3 * CircuitBreaker::failures_to_open; ++i)
        breaker.note("a", now, i % CircuitBreaker::failures_to_open == 0 ? &refused : &timeout);
    BOOST_TEST(!breaker.refusal("a", now));
    breaker.note("a", now, &timeout);
    BOOST_TEST(breaker.refusal("a", now).has_value());
}

BOOST_FIXTURE_TEST_CASE(a_clock_set_back_leaves_nobody_out, Fixture) {
    BOOST_TEST(!breaker.refusal("a", now - 24h));
}

BOOST_AUTO_TEST_SUITE_END()
