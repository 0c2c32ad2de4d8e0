// What a process remembers of flows' contents. SPDX-License-Identifier: Apache-2.0
#include "lib/scaiflow/flows/contents.hpp"

#include <boost/test/unit_test.hpp>

using scaiflow::flows::Contents;

namespace {

const Contents::Moment now{std::chrono::hours(1)};

Contents::Entry entry(std::string text, std::int64_t number = 1) {
    return {.tenant_id = "t1",
            .number = number,
            .text = std::make_shared<const std::string>(std::move(text)),
            .until = now + Contents::longest};
}

} // namespace

BOOST_AUTO_TEST_SUITE(lib_scaiflow_flows_contents)

BOOST_AUTO_TEST_CASE(what_was_kept_is_found_until_it_is_too_old) {
    Contents contents;
    BOOST_TEST(!contents.find("flow_1", now));
    contents.keep("flow_1", entry("{}", 7));
    const auto found = contents.find("flow_1", now);
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(*found->text == "{}");
    BOOST_TEST(found->number == 7);
    BOOST_TEST(found->tenant_id == "t1");
    BOOST_TEST(!contents.find("flow_2", now));
    BOOST_TEST(contents.find("flow_1", now + Contents::longest - std::chrono::seconds(1)).has_value());
    BOOST_TEST(!contents.find("flow_1", now + Contents::longest));
    contents.keep("flow_1", entry("{ }", 8));
    BOOST_TEST(contents.find("flow_1", now)->number == 8);
}

BOOST_AUTO_TEST_CASE(memory_is_bounded_and_what_is_read_stays) {
    Contents contents;
    contents.keep("hot", entry(std::string(1000, 'h')));
    constexpr std::size_t size = 100'000;
    constexpr int count = 1000; // 100 MB
    for (int i = 0; i < count; ++i) {
        contents.keep("flow_" + std::to_string(i), entry(std::string(size, 'x')));
        BOOST_REQUIRE(contents.find("hot", now).has_value());
    }
    std::size_t held = 0;
    for (int i = 0; i < count; ++i)
        if (const auto found = contents.find("flow_" + std::to_string(i), now))
            held += found->text->size();
    BOOST_TEST(held > 0U);
    BOOST_TEST(held <= 2 * (Contents::generation_bytes + size));
}

BOOST_AUTO_TEST_CASE(very_long_contents_are_not_kept) {
    Contents contents;
    contents.keep("long", entry(std::string(Contents::longest_text + 1, 'x')));
    BOOST_TEST(!contents.find("long", now));
    contents.keep("fits", entry(std::string(Contents::longest_text, 'x')));
    BOOST_TEST(contents.find("fits", now).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
