// SPDX-License-Identifier: Apache-2.0
#include "lib/directory/events/rules.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>

using namespace scai::directory::events;

namespace {

scai::UtcTime at(std::int64_t seconds) {
    return scai::from_unix_seconds(1'779'264'000 + seconds);
}

Row row(std::string name, std::int64_t version) {
    return Row{.name = std::move(name), .upstream_at = at(version)};
}

const Patch rename_to_bea{.name = "Bea", .deleted = false};
const Patch removal{.deleted = true};

} // namespace

BOOST_AUTO_TEST_SUITE(lib_directory_events_rules)

BOOST_AUTO_TEST_CASE(newer_event_is_applied_and_moves_the_version) {
    const Decision done = decide(row("Ann", 10), rename_to_bea, at(11), {});
    BOOST_TEST(done.write);
    BOOST_TEST((done.outcome == Outcome::applied));
    BOOST_TEST(done.row.name == "Bea");
    BOOST_TEST((done.row.upstream_at == at(11)));
    BOOST_TEST(done.renamed);
    BOOST_TEST(!done.appeared);
}

BOOST_AUTO_TEST_CASE(older_event_is_ignored) {
    const Decision done = decide(row("Ann", 10), rename_to_bea, at(9), {});
    BOOST_TEST(!done.write);
    BOOST_TEST((done.outcome == Outcome::ignored_old));
    BOOST_TEST(done.row.name == "Ann");
}

BOOST_AUTO_TEST_CASE(late_created_after_deleted_is_ignored) {
    const Decision gone = decide(std::nullopt, removal, at(10), {});
    BOOST_TEST(gone.write); // the tombstone keeps the time
    BOOST_TEST(gone.row.deleted);
    const Decision late = decide(gone.row, Patch{.name = "Ann", .deleted = false}, at(9), {});
    BOOST_TEST(!late.write);
    BOOST_TEST((late.outcome == Outcome::ignored_old));
}

BOOST_AUTO_TEST_CASE(newer_created_brings_a_tombstone_back) {
    Row tombstone = row("Ann", 10);
    tombstone.deleted = true;
    const Decision done = decide(tombstone, Patch{.deleted = false}, at(12), {});
    BOOST_TEST(done.appeared);
    BOOST_TEST(!done.row.deleted);
    BOOST_TEST(done.row.name == "Ann");
}

BOOST_AUTO_TEST_CASE(suspension_does_not_bring_a_tombstone_back) {
    Row tombstone = row("Ann", 10);
    tombstone.deleted = true;
    const Decision done = decide(tombstone, Patch{.status = "SUSPENDED"}, at(12), {});
    BOOST_TEST(done.row.deleted);
    BOOST_TEST(done.row.status == "SUSPENDED");
    BOOST_TEST(!done.appeared);
    const Decision unknown = decide(std::nullopt, Patch{.status = "SUSPENDED"}, at(12), {});
    BOOST_TEST(!unknown.row.deleted); // whoever is suspended exists
}

BOOST_AUTO_TEST_CASE(newer_event_without_a_difference_still_moves_the_version) {
    const Decision done = decide(row("Bea", 10), rename_to_bea, at(12), {});
    BOOST_TEST(done.write);
    BOOST_TEST((done.outcome == Outcome::unchanged));
    BOOST_TEST((done.row.upstream_at == at(12)));
}

BOOST_AUTO_TEST_CASE(event_before_the_last_sweep_is_ignored) {
    const Watermark swept{.swept_at = at(1000)};
    BOOST_TEST((decide(row("Ann", 10), rename_to_bea, at(500), swept).outcome == Outcome::ignored_old));
    BOOST_TEST((decide(std::nullopt, rename_to_bea, at(500), swept).outcome == Outcome::ignored_old));
    BOOST_TEST((decide(row("Ann", 10), rename_to_bea, at(1001), swept).outcome == Outcome::applied));
}

BOOST_AUTO_TEST_CASE(event_shortly_before_the_last_sweep_asks_for_another_only_when_it_differs) {
    const Watermark swept{.swept_at = at(1000)};
    const Decision differing = decide(row("Ann", 10), rename_to_bea, at(990), swept);
    BOOST_TEST(!differing.write);
    BOOST_TEST((differing.outcome == Outcome::needs_sync));
    BOOST_TEST((decide(row("Bea", 10), rename_to_bea, at(990), swept).outcome == Outcome::ignored_old));
    BOOST_TEST((decide(std::nullopt, removal, at(990), swept).outcome == Outcome::ignored_old));
    // what the row itself knows better is no doubt
    BOOST_TEST((decide(row("Ann", 995), rename_to_bea, at(990), swept).outcome == Outcome::ignored_old));
}

BOOST_AUTO_TEST_CASE(equal_times_end_the_same_in_any_order_and_ask_for_a_sweep) {
    const Patch suspend{.status = "SUSPENDED"};
    const Patch activate{.status = "ACTIVE", .deleted = false};
    const Patch rename_to_zoe{.name = "Zoe", .email = "a@x", .deleted = false};
    std::vector<Patch> patches{suspend, activate, rename_to_zoe, rename_to_bea, removal};
    std::mt19937 random(7);
    std::optional<Row> expected;
    for (int round = 0; round < 50; ++round) {
        std::shuffle(patches.begin(), patches.end(), random);
        std::optional<Row> state;
        bool asked = false;
        for (const auto& patch : patches) {
            const Decision done = decide(state, patch, at(5), {});
            if (done.write)
                state = done.row;
            asked |= done.outcome == Outcome::needs_sync;
        }
        BOOST_TEST(asked);
        BOOST_TEST(state->deleted);
        BOOST_TEST(state->status == "SUSPENDED");
        if (!expected)
            expected = state;
        BOOST_TEST((*state == *expected));
    }
}

BOOST_AUTO_TEST_CASE(full_updates_in_any_order_with_duplicates_end_in_the_newest) {
    std::mt19937 random(11);
    for (int round = 0; round < 50; ++round) {
        std::vector<int> order{1, 2, 3, 4, 5, 6, 3, 1, 6};
        std::shuffle(order.begin(), order.end(), random);
        std::optional<Row> state;
        for (const int version : order) {
            const Patch patch{.name = "n" + std::to_string(version),
                              .status = version % 2 == 0 ? "ACTIVE" : "SUSPENDED",
                              .deleted = version == 4};
            const Decision done = decide(state, patch, at(version), {});
            if (done.write)
                state = done.row;
        }
        BOOST_TEST(state->name == "n6");
        BOOST_TEST(state->status == "ACTIVE");
        BOOST_TEST(!state->deleted);
    }
}

BOOST_AUTO_TEST_CASE(time_far_in_the_future_is_held_back) {
    BOOST_TEST((clamp(at(10'000), at(0), std::chrono::seconds(300)) == at(300)));
    BOOST_TEST((clamp(at(200), at(0), std::chrono::seconds(300)) == at(200)));
    BOOST_TEST((clamp(at(-9'000), at(0), std::chrono::seconds(300)) == at(-9'000)));
}

BOOST_AUTO_TEST_SUITE_END()
